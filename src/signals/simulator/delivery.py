"""From events to records: delays, late arrivals, second posts, and records nobody can use."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec

from signals.domain.events.base import Event
from signals.domain.events.kinds import TOPIC_OF, InputTopic, kind_of
from signals.domain.reasons import DeadReason

_encode = msgspec.json.Encoder().encode


class Record(msgspec.Struct, frozen=True):
    """One record as a producer would send it."""

    topic: InputTopic
    key: str | None
    value: bytes
    received_at: datetime
    """When it arrives, UTC."""
    dead: DeadReason | None = None
    """For bad input: the reason a correct ingest gives. None: a good record."""


class Delivery:
    """Turns one account's events into records, in the account's own stream of chance.

    Parameters
    ----------
    late_share, duplicate_share, bad_input_share
        See ``SimulationSettings``.
    late
        Kinds of events that may be late. A plot counts on its days: reports of such an account are punctual.
    """

    def __init__(
        self,
        org_id: str,
        rng: Random,
        *,
        late_share: float,
        duplicate_share: float,
        bad_input_share: float,
        late: tuple[type[Event], ...],
    ) -> None:
        self.org_id, self.rng, self.late = org_id, rng, late
        self.late_share, self.duplicate_share, self.bad_input_share = late_share, duplicate_share, bad_input_share

    def records(self, events: Iterable[Event], punctual_until: datetime, until: datetime) -> Iterator[Record]:
        """Yield a day's records, not sorted.

        What happened before *punctual_until* is not late; what would arrive at or after *until* arrives just before.
        """
        rng = self.rng
        for event in events:
            draw = rng.random()
            received = event.at + timedelta(milliseconds=500 + int(draw * 9000))
            if (
                self.late_share
                and punctual_until <= event.at
                and isinstance(event, self.late)
                and rng.random() < self.late_share
            ):
                received = event.at + timedelta(seconds=3 * 3600 + int(draw * 37 * 3600))
            received = min(received, until - timedelta(milliseconds=500))
            topic, value = TOPIC_OF[kind_of(event)], _encode(event)
            yield Record(topic, self.org_id, value, received)
            if event.id is not None and rng.random() < self.duplicate_share:
                again = received + timedelta(seconds=60 + int(rng.random() * 7200))
                yield Record(topic, self.org_id, value, min(again, until - timedelta(milliseconds=400)))
            if self.bad_input_share and rng.random() < self.bad_input_share:
                yield self._bad(event, received + timedelta(milliseconds=100))

    def _bad(self, event: Event, at: datetime) -> Record:
        """Return one of eight kinds of records that no ingest may accept, made from a good event."""
        topic, value, org = TOPIC_OF[kind_of(event)], _encode(event), self.org_id
        match self.rng.randrange(8):
            case 0:
                return Record(topic, org, value[: len(value) // 2], at, DeadReason.UNDECODABLE)
            case 1:
                return Record(topic, org, b'{"kind":"unheard_of","org_id":"x"}', at, DeadReason.UNKNOWN_KIND)
            case 2:
                changed = {**msgspec.json.decode(value), "at": "the day before yesterday"}
                return Record(topic, org, _encode(changed), at, DeadReason.INVALID)
            case 3:
                missing = {key: one for key, one in msgspec.json.decode(value).items() if key != "at"}
                return Record(topic, org, _encode(missing), at, DeadReason.INVALID)
            case 4:
                return Record(topic, None, value, at, DeadReason.MISSING_KEY)
            case 5:
                foreign = {**msgspec.json.decode(value), "org_id": "org_of_somebody_else"}
                return Record(topic, org, _encode(foreign), at, DeadReason.FOREIGN_ACCOUNT)
            case 6:
                future = {**msgspec.json.decode(value), "at": (at + timedelta(days=400)).isoformat()}
                return Record(topic, org, _encode(future), at, DeadReason.FUTURE)
            case _:
                other: InputTopic = "billing" if topic != "billing" else "crm"
                return Record(other, org, value, at, DeadReason.WRONG_TOPIC)
