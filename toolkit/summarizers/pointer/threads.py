"""Work of many small torch operations, in threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Found = TypeVar("Found")

_MOST_THREADS = 4  # more would wait for the interpreter, which one at a time can have


def map_in_threads(work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """Return what ``work`` makes of each item, in their order; several items are worked on at once.

    Threads that share each operation of torch among them wait for each other after it; threads of their own do not.
    """
    threads = torch.get_num_threads()
    workers = min(threads, _MOST_THREADS, len(items))
    if workers < 2:  # noqa: PLR2004 - one needs no thread
        return [work(item) for item in items]
    share = threads // workers
    try:
        with ThreadPoolExecutor(workers, "search", initializer=torch.set_num_threads, initargs=(share,)) as pool:
            return list(pool.map(work, items))
    finally:
        # A thread that sets its own number sets that of threads yet to start, too.
        torch.set_num_threads(threads)
