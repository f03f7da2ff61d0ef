import numpy as np
import pytest

from toolkit.summarizers.pointer.source import read_source

torch = pytest.importorskip("torch")

from toolkit.summarizers.pointer.bans import Rules  # noqa: E402 - they need torch
from toolkit.summarizers.pointer.network import PointerNetwork, Shape  # noqa: E402
from toolkit.summarizers.pointer.search import search  # noqa: E402
from toolkit.summarizers.pointer.writer import remember  # noqa: E402
from training.plain_search import plain_search  # noqa: E402

WRITTEN = ("", "", "", "", "，", "。", "称", "开展")
BODIES = (
    "昨天上午，澜川市防汛会议召开。会议要求在6月10日前完成隐患排查。目前全市共排查灾害点45处，已整改38处。石堰镇组织演练。",
    "本报讯，市图书馆新馆今天开放。",
    "记者从市教育局获悉，今年秋季全市新增学位1200个，其中“公办”学校占八成。新学校9月1日开学，3所幼儿园同时开园。",
    "开放。",
)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # so little work for each that threads only wait for one another
    yield
    torch.set_num_threads(before)


def network_of(seed):
    torch.manual_seed(seed)
    shape = Shape(states=8, written=len(WRITTEN), width=16, heads=2, encoder_layers=1, decoder_layers=2)
    network = PointerNetwork(shape).eval()
    with torch.no_grad():
        for values in network.parameters():
            values.mul_(3)  # random weights this small would find all items alike
    return network


@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize("mode", ["abstract", "headline"])
@pytest.mark.parametrize("seed", range(3))
def test_articles_together_get_what_a_plain_search_finds_of_each(article, mode, seed, *, free):
    network = network_of(seed)
    sources = [read_source(article(body)) for body in BODIES]
    random = np.random.default_rng(seed)
    states = [random.normal(size=(len(source.words), 8)).astype(np.float16) for source in sources]
    rules = Rules(mode, start=2, max_chars=30, targets=(15, 24), beams=3, free=free)
    together = search(network, remember(network, sources, states), sources, WRITTEN, rules)
    for source, state, found in zip(sources, states, together, strict=True):
        [plain] = plain_search(network, remember(network, [source], [state]), [source], WRITTEN, rules)
        assert [path.items for path in found] == [path.items for path in plain]
        assert [path.score for path in found] == pytest.approx([path.score for path in plain], rel=1e-4)
