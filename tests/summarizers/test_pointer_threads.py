import threading

import pytest

torch = pytest.importorskip("torch")

from toolkit.summarizers.pointer.threads import map_in_threads  # noqa: E402 - it needs torch


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_items_share_the_threads_and_keep_their_order(two_threads):
    both = threading.Barrier(2, timeout=20)

    def work(item):
        both.wait()  # two at once, or never
        return item, torch.get_num_threads()

    assert map_in_threads(work, range(4)) == [(item, 1) for item in range(4)]


def test_a_single_item_has_all_threads(two_threads):
    assert map_in_threads(lambda _: torch.get_num_threads(), [0]) == [2]


def test_threads_that_start_later_have_all_threads_again(two_threads):
    found = []

    def fail(item):
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        map_in_threads(fail, range(2))
    thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert found == [2]
    assert torch.get_num_threads() == 2
