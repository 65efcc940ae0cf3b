"""How far behind an ingest member is, told to its meter once in a while."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from signals.domain.events.kinds import MERGED_TOPICS, InputTopic
from signals.ingest.meter import IngestMeter
from signals.ingest.partition import PartitionWork


class Reports:
    """Tells lag, age and waits, at most every *every*."""

    def __init__(self, meter: IngestMeter, every: timedelta) -> None:
        self._meter, self._every_s = meter, every.total_seconds()
        self._told_s = float("-inf")
        self._waiting_since: dict[tuple[int, InputTopic], float] = {}

    def forget(self) -> None:
        """Forget since when partitions wait: they have another owner now."""
        self._waiting_since.clear()

    def tell(self, work_of: Mapping[int, PartitionWork], now_s: float, now: datetime) -> None:
        """Tell, when it is time to."""
        if now_s - self._told_s < self._every_s:
            return
        self._told_s = now_s
        for topic in MERGED_TOPICS:
            self._meter.lag(topic, sum(work.merge.lag(topic) for work in work_of.values()))
            longest = 0.0
            for partition, work in work_of.items():
                if topic in work.merge.waiting_for:
                    since = self._waiting_since.setdefault((partition, topic), now_s)
                    longest = max(longest, now_s - since)
                else:
                    self._waiting_since.pop((partition, topic), None)
            self._meter.waits(topic, longest)
        behind = [work.merge.reached for work in work_of.values() if not work.merge.idle]
        oldest = min((at for at in behind if at is not None), default=None)
        self._meter.age(0.0 if oldest is None else (now - oldest).total_seconds())
