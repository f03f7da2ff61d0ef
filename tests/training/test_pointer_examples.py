import numpy as np
import pytest

from toolkit.summarizers.pointer.source import read_source

WRITTEN = ("", "", "", "", "，", "。")
N = len(WRITTEN)


@pytest.fixture(scope="module", autouse=True)
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def example(article):
    from training.pointer_examples import Example, Target

    source = read_source(article("昨天上午，澜川市防汛会议召开。"))
    return Example(source, np.zeros((len(source.words), 8), np.float16), (Target((3, N + 3, N + 4, 1), (2, 2)),))


def test_a_rehearsed_headline_stands_beside_an_empty_abstract(example):
    from training.pointer_examples import rehearsed

    found = rehearsed([example] * 10, share=0.25, of=8, mode=1, n_modes=2)
    assert len(found) == 2
    abstract, headline = found[0].targets
    assert (abstract.items, abstract.chars) == ((2,), ())
    assert headline == example.targets[0]
    assert len(rehearsed([example], share=0.5, of=8, mode=1, n_modes=2)) == 1


def test_an_empty_target_asks_for_nothing(example):
    from training.pointer_examples import kept_words, rehearsed, sequence_batch

    both = [example.targets[0], rehearsed([example], share=1, of=1, mode=1, n_modes=2)[0].targets[0]]
    kept = kept_words(both, N, 8)
    assert kept[0].tolist() == [0, 0, 0, 1, 1, 0, 0, 0]
    assert kept[1].tolist() == [-1] * 8
    alone = rehearsed([example], share=1, of=1, mode=1, n_modes=2)
    batch = sequence_batch(alone, 0, N, width=64, slack=[0.0])
    assert batch["wanted"].sum() == 0
    assert batch["taken"].sum() == 0


def test_more_room_is_left_than_a_target_takes(example):
    from training.pointer_examples import sequence_batch

    exact, roomy = (sequence_batch([example], 0, N, width=64, slack=[slack])["left"][0] for slack in (0.0, 0.5))
    assert exact[:3].tolist() == [4, 2, 0]
    assert roomy[:3].tolist() == [6, 4, 2]
