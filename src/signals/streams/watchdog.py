"""Has the commit stood still, does another write our changelog? Pure: others read the clock and ask the broker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class CommitWatch:
    """Remembers, per partition, since when the commit lags behind finished work without moving.

    Examples
    --------
    >>> watch = CommitWatch()
    >>> watch.age(0.0, done={3: 10}, committed={3: 10})
    0.0
    >>> watch.age(5.0, done={3: 11}, committed={3: 10})
    0.0
    >>> watch.age(25.0, done={3: 90}, committed={3: 10})
    20.0
    >>> watch.age(30.0, done={3: 90}, committed={3: 40})
    0.0
    """

    _stuck: dict[int, tuple[int | None, float]] = field(default_factory=dict)

    def age(self, now: float, *, done: Mapping[int, int], committed: Mapping[int, int | None]) -> float:
        """Return for how many seconds the partition worst off has stood still.

        Parameters
        ----------
        now
            Monotonic seconds.
        done
            Partition -> next offset as the agent counts, for partitions it has worked on since their assignment.
        committed
            Partition -> next offset as the broker has it, None when nothing was ever committed.
        """
        ages = [0.0]
        for partition in set(self._stuck) - set(done):
            del self._stuck[partition]
        for partition, next_offset in done.items():
            stands_at = committed.get(partition)
            if stands_at is not None and stands_at >= next_offset:
                self._stuck.pop(partition, None)
                continue
            since = self._stuck.get(partition)
            if since is None or since[0] != stands_at:
                self._stuck[partition] = since = (stands_at, now)
            ages.append(now - since[1])
        return max(ages)


@dataclass
class ForeignWatch:
    """Tells a writer that shares our changelog from one look that fell into a rebalance: it is seen twice.

    Examples
    --------
    >>> watch = ForeignWatch()
    >>> watch.certain({2})
    frozenset()
    >>> watch.certain({2, 3})
    frozenset({2})
    """

    _before: frozenset[int] = frozenset()

    def certain(self, foreign: Iterable[int]) -> frozenset[int]:
        """Return the partitions seen with a foreign writer now and at the last look; call with none in a recovery."""
        now = frozenset(foreign)
        certain, self._before = now & self._before, now
        return certain
