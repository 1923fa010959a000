"""Work done in several threads whose outcome does not depend on how many there are.

Tasks share nothing they change, and what they return comes back in their order. Kernels and
solvers hold no lock of Python's, so that threads are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def side_by_side(threads: int, tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run ``tasks`` on ``threads`` threads; their results, in their order.

    >>> side_by_side(2, [lambda: 1, lambda: 2])
    [1, 2]
    """
    if threads < 2 or len(tasks) < 2:
        return [task() for task in tasks]
    with ThreadPoolExecutor(max_workers=min(threads, len(tasks))) as pool:
        running = [pool.submit(task) for task in tasks]
        return [each.result() for each in running]
