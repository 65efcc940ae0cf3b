"""The heap of wakes: what is due comes once, soonest first."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from signals.streams.wakes import Wakes

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return an instant *hours* after the start."""
    return START + timedelta(hours=hours)


def test_due_accounts_come_soonest_first_and_only_once() -> None:
    """Taking removes."""
    wakes = Wakes()
    for org_id, hours in (("c", 3), ("a", 1), ("b", 1), ("d", 9)):
        wakes.put(0, org_id, at(hours))

    assert wakes.take_due(0, at(3)) == ("a", "b", "c")
    assert wakes.take_due(0, at(3)) == ()
    assert len(wakes) == 1


def test_a_wake_can_be_withdrawn() -> None:
    """None means never."""
    wakes = Wakes()
    wakes.put(0, "a", at(1))
    wakes.put(0, "a", None)
    assert wakes.take_due(0, at(2)) == ()


def test_partitions_are_apart() -> None:
    """A mark of one partition wakes nobody on another."""
    wakes = Wakes()
    wakes.put(0, "a", at(1))
    wakes.put(1, "b", at(1))
    assert wakes.take_due(0, at(9)) == ("a",)
    assert wakes.take_due(1, at(9)) == ("b",)


def test_rebuilding_replaces_everything() -> None:
    """After a recovery only the table counts."""
    wakes = Wakes()
    wakes.put(0, "old", at(1))
    wakes.rebuild(0, [("new", at(2))])
    assert wakes.take_due(0, at(9)) == ("new",)


def test_an_account_that_moves_its_timer_with_every_event_does_not_fill_memory() -> None:
    """Replaced entries are swept long before the farthest timer."""
    wakes = Wakes()
    for hours in range(5000):
        wakes.put(0, "busy", at(hours))
    assert len(wakes._heaps[0]) < 200
    assert wakes.take_due(0, at(5000)) == ("busy",)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(0, 20), st.integers(0, 20)), min_size=1))
def test_it_behaves_like_a_dictionary_of_wakes(moves: list[tuple[str, int | None, int]]) -> None:
    """Against the obvious model, for any order of putting and taking."""
    wakes, model = Wakes(), dict[str, int]()
    for org_id, wake, until in moves:
        wakes.put(0, org_id, None if wake is None else at(wake))
        if wake is None:
            model.pop(org_id, None)
        else:
            model[org_id] = wake
        due = sorted((one for one in model if model[one] <= until), key=lambda one: (model[one], one))
        assert wakes.take_due(0, at(until)) == tuple(due)
        for one in due:
            del model[one]
