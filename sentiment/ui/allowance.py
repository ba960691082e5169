"""What one address may ask for in a time, so that a flood is refused before it costs anything."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEPT = 10_000
"""Addresses that are remembered; those that asked longest ago are forgotten first."""


class Allowance:
    """A store for each address, refilled by ``a_second``, that never holds over ``most``.

    A piece of work is let in as long as something is left, whatever it takes: what it takes more
    is owed (a token bucket with debts).
    """

    def __init__(
        self, a_second: float, most: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second, self._most, self._clock = a_second, most, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # and as of when
        self._lock = threading.Lock()

    def seconds(self, address: str) -> int:
        """Seconds until something is left for an address; 0 where that is now."""
        with self._lock:
            left = self._now(address)
        return 0 if left > 0 else max(1, math.ceil(-left / self._a_second))

    def take(self, address: str, amount: float) -> None:
        """Let an address have so much."""
        with self._lock:
            self._left[address] = self._now(address) - amount, self._clock()
            self._left.move_to_end(address)
            while len(self._left) > MOST_KEPT:
                self._left.popitem(last=False)

    def _now(self, address: str) -> float:
        left, when = self._left.get(address, (self._most, 0.0))
        return min(self._most, left + (self._clock() - when) * self._a_second)
