"""Windows of tokens through an engine: sorted by length, cut into batches under a token budget, back in order."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from toolkit.engines import Engine

Item = TypeVar("Item")

# Enough windows for batches of like length, few enough that the outputs come steadily.
_CHUNK = 512


def run_batches(
    engine: "Engine", windows: Sequence[Sequence[int]], *, pad_id: int, token_budget: int | None = None
) -> list[np.ndarray]:
    """Run windows of token ids; each result has shape (len(window), outputs), without padding, in the given order.

    Args:
        engine: where they run.
        windows: token ids, special tokens included.
        pad_id: the id that fills shorter rows; it is masked.
        token_budget: rows times the longest row of a batch at most; a longer row runs alone. None: the engine's own.
    """
    results: list[np.ndarray] = []
    for start in range(0, len(windows), _CHUNK):
        results += _run_chunk(engine, windows[start : start + _CHUNK], pad_id, token_budget or engine.token_budget)
    return results


def overlapped(items: Iterable[Item], *, depth: int = 1) -> Iterator[Item]:
    """Yield ``items``, made up to ``depth`` ahead in one background thread; what it raises is raised here.

    The thread starts with the first item asked for and is gone when the iterator ends or is closed.
    """
    iterator, end = iter(items), object()
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="overlapped")
    try:
        pending = deque(pool.submit(next, iterator, end) for _ in range(depth))
        while (item := pending.popleft().result()) is not end:
            pending.append(pool.submit(next, iterator, end))
            yield item  # type: ignore[misc]  # not the end, so an Item
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run_chunk(
    engine: "Engine", windows: Sequence[Sequence[int]], pad_id: int, token_budget: int
) -> Iterator[np.ndarray]:
    # A few windows are shared out too, so that no stream idles.
    share = -(-sum(map(len, windows)) // engine.streams)
    batches = list(_cut(windows, min(token_budget, share)))

    def run(batch: Sequence[int]) -> np.ndarray:
        return engine.run(*_pad([windows[number] for number in batch], pad_id))

    found: dict[int, np.ndarray] = {}
    with ThreadPoolExecutor(max_workers=engine.streams, thread_name_prefix="engine") as pool:
        for batch, outputs in zip(batches, pool.map(run, batches), strict=True):
            found.update(zip(batch, outputs, strict=True))
    return (found[number][: len(window)] for number, window in enumerate(windows))


def _cut(windows: Sequence[Sequence[int]], token_budget: int) -> Iterator[list[int]]:
    """Yield the numbers of the windows of each batch, the longest first: the last batches even out the streams."""
    order = deque(sorted(range(len(windows)), key=lambda number: -len(windows[number])))
    while order:
        rows = max(1, token_budget // max(1, len(windows[order[0]])))
        yield [order.popleft() for _ in range(min(rows, len(order)))]


def _pad(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[np.ndarray, np.ndarray]:
    longest = max(1, *map(len, rows))
    input_ids = np.full((len(rows), longest), pad_id, dtype=np.int64)
    attention_mask = np.zeros_like(input_ids)
    for number, row in enumerate(rows):
        input_ids[number, : len(row)] = row
        attention_mask[number, : len(row)] = 1
    return input_ids, attention_mask
