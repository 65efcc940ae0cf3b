"""What ingest tells its metrics: a port, so that nothing here knows Prometheus."""

from collections.abc import Sequence
from typing import Literal, Protocol

from signals.domain.events.kinds import InputTopic
from signals.domain.reasons import DeadReason

Outcome = Literal["taken", "skipped", "dead", "control"]


class IngestMeter(Protocol):
    """Called from the loop's task; must not block or raise."""

    def records(self, topic: InputTopic, outcome: Outcome, count: int) -> None:
        """*count* records of a topic were read and are acknowledged with this outcome; each record counts once."""
        ...

    def dead(self, reason: DeadReason) -> None:
        """One dead letter was written."""
        ...

    def message(self, packs: Sequence[int]) -> None:
        """One message of account-updates was acknowledged; *packs*: events in each account's pack."""
        ...

    def lag(self, topic: InputTopic, records: int) -> None:
        """Records of a topic not taken yet, summed over this member's partitions; once a second."""
        ...

    def age(self, seconds: float) -> None:
        """Wall clock less the event time reached, of the partition furthest behind; once a second."""
        ...

    def waits(self, topic: InputTopic, seconds: float) -> None:
        """For how long the merge has waited for a topic that has lag but nothing fetched; 0: it does not."""
        ...

    def commit_failed(self) -> None:
        """Offsets could not be committed because of a rebalance; their records will come again and be recognised."""
        ...


class NoMeter:
    """Counts nothing."""

    def records(self, topic: InputTopic, outcome: Outcome, count: int) -> None:
        """Do nothing."""

    def dead(self, reason: DeadReason) -> None:
        """Do nothing."""

    def message(self, packs: Sequence[int]) -> None:
        """Do nothing."""

    def lag(self, topic: InputTopic, records: int) -> None:
        """Do nothing."""

    def age(self, seconds: float) -> None:
        """Do nothing."""

    def waits(self, topic: InputTopic, seconds: float) -> None:
        """Do nothing."""

    def commit_failed(self) -> None:
        """Do nothing."""
