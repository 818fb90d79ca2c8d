"""Several objects at a time: reading from a store is mostly waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
WORKERS = 4


def in_parallel(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int = WORKERS
) -> Iterator[tuple[Item, Result]]:
    """Each item with its result, in order, with a few under way at any time: memory does not grow with the list.

    The first error that a call raises is raised here, after the calls under way have ended."""
    with ThreadPoolExecutor(workers, thread_name_prefix="safekeeping") as pool:
        under_way: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                under_way.append((item, pool.submit(function, item)))
                if len(under_way) >= 2 * workers:
                    first, future = under_way.popleft()
                    yield first, future.result()
            while under_way:
                first, future = under_way.popleft()
                yield first, future.result()
        finally:
            for _, future in under_way:
                future.cancel()
