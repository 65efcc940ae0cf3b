"""Whether an event may be applied."""

from datetime import UTC, datetime, timedelta

from signals.domain.account.life import Life
from signals.domain.events.billing import PaymentFailed
from signals.domain.events.crm import TicketOpened
from signals.domain.events.kinds import AnyEvent
from signals.domain.reasons import DeadReason
from signals.domain.signal import Position
from signals.domain.update import Arrival
from signals.engine.admission import Admitted, admit, applied_before

NOON = datetime(2026, 1, 20, 12, tzinfo=UTC)
WINDOW = timedelta(days=7)


def opened(at: datetime = NOON, event_id: str | None = None) -> AnyEvent:
    """A ticket."""
    return TicketOpened(org_id="acme", at=at, ticket_id="t1", id=event_id)


def position(offset: int, epoch: int = 1, topic: str = "crm", partition: int = 0) -> Position:
    """A place on an input topic."""
    return Position(epoch, topic, partition, offset)


def ask(
    life: Life, event: AnyEvent, at: Position, *, clock: datetime | None = None, waive: bool = False,
    reached: datetime | None = None, taken: Position | None = None,
) -> Admitted:  # fmt: skip
    """Ask about one arrival."""
    arrival = Arrival(at, reached or event.at, event, None, waive)
    return admit(life, arrival, clock, WINDOW, taken)


def test_a_position_is_compared_within_its_topic_and_partition() -> None:
    """The mark of one says nothing about another; at or below is applied, above is not; a later epoch is above."""
    life = ask(Life(), opened(), position(5)).life

    assert applied_before(life, position(5))
    assert applied_before(life, position(4))
    assert not applied_before(life, position(6))
    assert not applied_before(life, position(0, epoch=2))
    assert applied_before(life, position(9, epoch=0))
    assert not applied_before(life, position(5, topic="usage"))
    assert not applied_before(life, position(5, partition=1))


def test_a_position_is_noted_whatever_the_answer() -> None:
    """A dead letter or a repeated moment is not taken up again either."""
    first = ask(Life(), opened(event_id="e1"), position(1))
    again = ask(first.life, opened(event_id="e1"), position(2))
    late = ask(again.life, opened(NOON - timedelta(days=9)), position(3), reached=NOON)

    assert (again.apply, again.duplicate) == (False, True)
    assert (late.apply, late.dead is not None) == (False, True)
    assert applied_before(late.life, position(3))


def test_the_window_counts_from_how_far_time_has_come() -> None:
    """From the larger of the clock and what the partition had reached; exactly seven days are admitted."""
    edge = NOON - WINDOW
    for clock, reached in ((NOON, edge), (None, NOON), (edge, NOON)):
        assert ask(Life(), opened(edge), position(1), clock=clock, reached=reached).apply
        dead = ask(Life(), opened(edge - timedelta(microseconds=1)), position(1), clock=clock, reached=reached).dead
        assert dead is not None
        assert dead.reason == DeadReason.TOO_LATE
        assert "7 days" in dead.message


def test_leave_to_be_late_is_leave() -> None:
    """A replayed dead letter with the waiver is applied."""
    assert ask(Life(), opened(NOON - timedelta(days=90)), position(1), reached=NOON, waive=True).apply


def test_a_natural_key_is_one_within_its_kind() -> None:
    """The same id on another kind of event is another moment."""
    life = ask(Life(), opened(event_id="e1"), position(1)).life
    other = PaymentFailed(org_id="acme", at=NOON, invoice_id="i", attempt=1, amount=5, id="e1")  # type: ignore[arg-type]  # an int is a fine amount here

    assert ask(life, other, position(1, topic="billing")).apply


def test_natural_keys_are_forgotten_after_the_window() -> None:
    """Exactly seven days old is kept, older goes: memory is bounded."""
    life = ask(Life(), opened(NOON, "old"), position(1)).life

    assert set(ask(life, opened(NOON + WINDOW, "new"), position(2)).life.seen) == {
        "ticket_opened:old", "ticket_opened:new",
    }  # fmt: skip
    later = NOON + WINDOW + timedelta(seconds=1)
    assert set(ask(life, opened(later, "new"), position(2)).life.seen) == {"ticket_opened:new"}


def test_the_second_event_of_one_record_is_no_repetition_of_the_first() -> None:
    """They share a position."""
    life = ask(Life(), opened(), position(5)).life

    assert ask(life, opened(), position(5), taken=position(5)).apply
    assert not ask(life, opened(), position(5)).apply
