import numpy as np
import pytest

from toolkit.summarizers.pointer.source import FIGURES, read_source

WRITTEN = ("", "", "", "", "，", "。", "称", "开展")
BODY = (
    "昨天上午，澜川市防汛会议召开。会议要求在6月10日前完成隐患排查。目前全市共排查灾害点45处，已整改38处。石堰镇组织演练，"
    "300名群众转移。"
)
N = len(WRITTEN)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def network_of(seed):
    import torch

    from toolkit.summarizers.pointer.network import PointerNetwork, Shape

    torch.manual_seed(seed)
    network = PointerNetwork(Shape(states=8, written=N, width=16, heads=2, encoder_layers=1, decoder_layers=2)).eval()
    with torch.no_grad():
        for values in network.parameters():
            values.mul_(3)  # random weights this small would find all items alike
    return network


def found(article, seed, **changes):
    """Return the source and the candidates, as lists of items, that a network of random weights writes."""
    from toolkit.summarizers.pointer.bans import Rules
    from toolkit.summarizers.pointer.search import search
    from toolkit.summarizers.pointer.writer import remember

    source = read_source(article(BODY))
    states = np.random.default_rng(seed).normal(size=(len(source.words), 8)).astype(np.float16)
    network = network_of(seed)
    settings = {"mode": "abstract", "start": 2, "max_chars": 40, "targets": (30,), "beams": 3} | changes
    [paths] = search(network, remember(network, [source], [states]), [source], WRITTEN, Rules(**settings))
    return source, [path.items for path in paths]


def text_of(items, source):
    return "".join(source.words[item - N] if item >= N else WRITTEN[item] for item in items)


def tears_a_number(items, source):
    """Say whether a numeral is followed by another word than in the article, or what follows it stands without it."""
    for before, item in zip((None, *items), (*items, None), strict=True):
        is_next = before is not None and item is not None and before >= N and item == before + 1
        if is_next:
            continue
        left = before is not None and before >= N and source.number[before - N] and source.words[before - N + 1]
        entered = item is not None and item > N and source.number[item - N - 1] and source.words[item - N]
        if (left and left not in "，。") or (entered and entered not in "，。"):
            return True
    return False


SEEDS = range(12)


def test_steps_with_a_cache_score_as_all_steps_at_once(torch):
    from toolkit.summarizers.pointer.network import Past, last_copied

    network = network_of(1)
    figures = torch.zeros(1, 5, len(FIGURES), dtype=torch.long)
    memory = network.encode(torch.randn(1, 5, 8), figures, torch.ones(1, 5, dtype=torch.bool))
    items = torch.tensor([[2, N + 1, N + 2, 5]])
    left = torch.tensor([[20, 18, 16, 15]])
    last = torch.tensor([last_copied(items[0].tolist(), N)])
    taken = torch.zeros(1, 4, 5)
    whole = network.score(memory, network.decode(memory, items, left), last, taken)
    past, steps = Past(network.shape, rows=1, steps=4), []
    for step in range(4):
        one = slice(step, step + 1)
        hidden = network.decode(memory, items[:, one], left[:, one], past)
        steps.append(network.score(memory, hidden, last[:, one], taken[:, one]))
    assert torch.allclose(whole, torch.cat(steps, dim=1), atol=1e-5)


def test_padding_changes_nothing(torch):
    network = network_of(2)
    states = torch.randn(1, 4, 8)
    figures = torch.zeros(1, 4, len(FIGURES), dtype=torch.long)
    items, left = torch.tensor([[2, N + 1]]), torch.tensor([[9, 8]])
    last, mask = torch.tensor([[-1, 1]]), torch.ones(1, 4, dtype=torch.bool)

    def scores(width):
        padded = torch.cat([states, torch.ones(1, width, 8)], dim=1)
        more = torch.cat([figures, torch.ones(1, width, len(FIGURES), dtype=torch.long)], dim=1)
        memory = network.encode(padded, more, torch.cat([mask, torch.zeros(1, width, dtype=torch.bool)], dim=1))
        hidden = network.decode(memory, items, left)
        return network.score(memory, hidden, last, torch.zeros(1, 2, 4 + width))[..., : N + 4]

    assert torch.allclose(scores(0), scores(3), atol=1e-5)


def test_two_targets_find_what_each_finds(torch, article):
    apart = {items for target in (20, 30) for items in found(article, 4, targets=(target,))[1]}
    assert set(found(article, 4, targets=(20, 30))[1]) == apart


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_written_keeps_the_rules(torch, article, seed):
    source, candidates = found(article, seed)
    for items in candidates:
        text = text_of(items, source)
        assert len(text) <= 40
        assert text[-1] in "。！？"
        copied = [item for item in items if item >= N and source.words[item - N] not in "，。"]
        assert len(copied) == len(set(copied))
        assert not any(mark in text for mark in ("，，", "。，", "，。", "。。"))
        assert not tears_a_number(items, source)
        words = [text_of([item], source) for item in items]
        assert all(one != other for one, other in zip(words, words[1:], strict=False))


def test_the_networks_do_write(torch, article):
    assert sum(bool(found(article, seed)[1]) for seed in SEEDS) > 2


def joins_clauses(items, source):
    """Say whether a copied word stands right after one of another clause of the article."""
    clause = [sum(mark in "，。；：！？" for mark in source.words[:place]) for place in range(len(source.words))]
    return any(
        before >= N
        and item >= N
        and clause[before - N] != clause[item - N]
        and source.words[before - N] not in "，。"
        and source.words[item - N] not in "，。"
        for before, item in zip(items, items[1:], strict=False)
    )


def test_no_clause_goes_on_with_another_but_in_free_search(torch, article):
    runs = [found(article, seed) for seed in SEEDS]
    assert not any(joins_clauses(items, source) for source, candidates in runs for items in candidates)
    free = [found(article, seed, free=True) for seed in SEEDS]
    assert any(joins_clauses(items, source) for source, candidates in free for items in candidates)


def test_free_search_may_tear_a_number(torch, article):
    runs = [found(article, seed, free=True) for seed in SEEDS]
    assert any(tears_a_number(items, source) for source, candidates in runs for items in candidates)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_headline_has_no_full_stop(torch, article, seed):
    source, candidates = found(article, seed, mode="headline", start=3, max_chars=15)
    for items in candidates:
        text = text_of(items, source)
        assert 0 < len(text) <= 15
        assert not set(text) & set("。！？")
        assert text[-1] not in "，、；："
        words = [text_of([item], source) for item in items if text_of([item], source) not in "，、；："]
        assert len(words) == len(set(words))


def test_candidates_come_best_first(torch, article):
    from toolkit.summarizers.pointer.bans import Rules
    from toolkit.summarizers.pointer.search import search
    from toolkit.summarizers.pointer.writer import remember

    source = read_source(article(BODY))
    states = np.zeros((len(source.words), 8), dtype=np.float16)
    network = network_of(3)
    rules = Rules(mode="headline", start=3, max_chars=15, targets=(12,), beams=4)
    [paths] = search(network, remember(network, [source], [states]), [source], WRITTEN, rules)
    assert len(paths) > 1
    assert [path.score for path in paths] == sorted((path.score for path in paths), reverse=True)
