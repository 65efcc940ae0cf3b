"""Which accounts of a partition want to be looked at, and when: one heap per partition, kept in memory only."""

import heapq
from collections.abc import Iterable
from datetime import datetime


class Wakes:
    """The soonest timer of every account on the partitions of this process.

    Holds nothing that the table does not: it is rebuilt from the table whenever a partition is assigned.

    Examples
    --------
    >>> from datetime import UTC
    >>> wakes = Wakes()
    >>> wakes.put(0, "acme", datetime(2026, 3, 1, tzinfo=UTC))
    >>> wakes.put(0, "acme", datetime(2026, 3, 9, tzinfo=UTC))  # replaces the first
    >>> wakes.take_due(0, datetime(2026, 3, 8, tzinfo=UTC))
    ()
    >>> wakes.take_due(0, datetime(2026, 3, 9, tzinfo=UTC))
    ('acme',)
    """

    def __init__(self) -> None:
        self._heaps: dict[int, list[tuple[datetime, str]]] = {}
        self._current: dict[int, dict[str, datetime]] = {}

    def put(self, partition: int, org_id: str, wake: datetime | None) -> None:
        """Set when one account is due; None: never. Called once per account evaluated."""
        current = self._current.setdefault(partition, {})
        if wake is None:
            current.pop(org_id, None)
            return
        if current.get(org_id) == wake:
            return
        current[org_id] = wake
        heap = self._heaps.setdefault(partition, [])
        heapq.heappush(heap, (wake, org_id))
        # Replaced entries stay until they come up. Without this an account that moves its timer with every event
        # would leave one entry per event, for as long as the farthest timer lies ahead.
        if len(heap) > 2 * len(current) + 64:
            self.rebuild(partition, current.items())

    def take_due(self, partition: int, until: datetime) -> tuple[str, ...]:
        """Remove and return every account due by *until*, soonest first (ties by id)."""
        heap, current = self._heaps.get(partition, []), self._current.get(partition, {})
        due = []
        while heap and heap[0][0] <= until:
            wake, org_id = heapq.heappop(heap)
            if current.get(org_id) == wake:
                del current[org_id]
                due.append(org_id)
        return tuple(due)

    def rebuild(self, partition: int, wakes: Iterable[tuple[str, datetime]]) -> None:
        """Replace all of one partition. Called after each recovery of the table, and here to sweep."""
        current = dict(wakes)
        self._current[partition] = current
        self._heaps[partition] = [(wake, org_id) for org_id, wake in current.items()]
        heapq.heapify(self._heaps[partition])

    def __len__(self) -> int:
        """Return how many accounts wait, over all partitions."""
        return sum(len(current) for current in self._current.values())
