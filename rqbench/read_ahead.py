"""Work of threads ahead of the one who needs its results."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    read: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int,
    ahead: int | Callable[[], int],
) -> Generator[Result, None, None]:
    """Results in the order of the items; a pool's own `map` would hold all of them at once.

    Args:
        ahead: how many at most are begun and not yet taken, which may change meanwhile.
    """
    room = ahead if callable(ahead) else lambda: ahead
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(read, item))
                while len(waiting) >= room():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
