"""How old the oldest delivery is that is not done. Pure: offsets and timestamps in, an instant out."""

from collections import deque
from datetime import UTC, datetime


class Oldest:
    """When each fetched record of one partition was written, until it is done.

    >>> oldest = Oldest()
    >>> oldest.fetched(7, 60_000)
    >>> oldest.fetched(8, 61_000)
    >>> oldest.at(done_below=8)
    datetime.datetime(1970, 1, 1, 0, 1, 1, tzinfo=datetime.timezone.utc)
    >>> oldest.at(done_below=9) is None
    True
    """

    def __init__(self) -> None:
        self._records: deque[tuple[int, int]] = deque()

    def fetched(self, offset: int, timestamp_ms: int) -> None:
        """Note a record; called in the order of offsets. One that was read before is passed over."""
        if not self._records or offset > self._records[-1][0]:
            self._records.append((offset, timestamp_ms))

    def at(self, done_below: int) -> datetime | None:
        """Return when the oldest record was written that is not below that offset; None: there is none."""
        while self._records and self._records[0][0] < done_below:
            self._records.popleft()
        return datetime.fromtimestamp(self._records[0][1] / 1000, UTC) if self._records else None
