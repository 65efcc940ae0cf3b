"""The score: found, missed, unexpected and not closed, each for its own reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

from signals.domain.reasons import Change, FamilyName, HeldReason, Severity
from signals.domain.signal import Owner, Suppression, Transition
from signals.simulator.score import score
from signals.simulator.truth import Planted

DAY0 = datetime(2026, 3, 1, tzinfo=UTC)


def planted(**changes: Any) -> Planted:
    """Return one planted opening of day 0, due by day 2."""
    values: dict[str, Any] = {
        "rule": "usage_jump_10x", "org_id": "acme", "start": DAY0, "by": DAY0 + timedelta(days=2), "why": "a jump",
    }  # fmt: skip
    return Planted(**{**values, **changes})


def said(day: float, change: Change = Change.OPENED, **changes: Any) -> Transition:
    """Return a transition *day* days after day 0."""
    at = DAY0 + timedelta(days=day)
    values: dict[str, Any] = {
        "id": f"t{day}", "signal_id": "s1", "seq": 1, "change": change, "at": at, "org_id": "acme",
        "account_name": "Acme", "rule": "usage_jump_10x", "rule_version": "1", "family": FamilyName.SPIKE,
        "severity": Severity.WARNING, "since": at, "headline": "Acme: a jump", "owner": Owner(name="ana"),
        "status": "resolved" if change is Change.RESOLVED else "open",
    }  # fmt: skip
    return Transition(**{**values, **changes})


def test_an_opening_in_its_time_is_found() -> None:
    """An opening between start and by counts as found, and nothing is unexpected."""
    result = score([planted()], [said(1)])

    assert (result.planted, result.found, result.missed, result.unexpected) == (1, 1, (), ())


def test_a_repeat_counts_once() -> None:
    """The same transition twice is one transition: signal-events is at least once."""
    result = score([], [said(1), said(1)])

    assert len(result.unexpected) == 1


def test_an_opening_too_late_is_missed_though_explained() -> None:
    """After ``by`` the opening no longer finds what was planted, but it is no surprise either."""
    result = score([planted()], [said(5)])

    assert (result.found, len(result.missed), result.unexpected) == (0, 1, ())


def test_an_opening_before_its_time_is_unexpected() -> None:
    """What opens a day before it can hold is an error, and what was planted is missed."""
    result = score([planted()], [said(-1)])

    assert (len(result.missed), len(result.unexpected)) == (1, 1)


def test_an_opening_on_another_account_is_unexpected() -> None:
    """Truth explains its own account only."""
    result = score([planted()], [said(1), said(1.5, org_id="other")])

    assert [one.org_id for one in result.unexpected] == ["other"]


def test_the_key_decides_where_one_is_planted() -> None:
    """With a planted key an opening of another key is not it."""
    result = score([planted(key="surveys")], [said(1, key="logs")])

    assert (result.found, len(result.unexpected)) == (0, 1)


def test_a_companion_explains_but_is_not_asked_for() -> None:
    """A companion that does not come is not missed; one that comes is not unexpected."""
    assert score([planted(expect="companion")], []).missed == ()
    assert score([planted(expect="companion")], [said(1)]).unexpected == ()


def test_what_must_stay_quiet_is_unexpected_when_it_opens() -> None:
    """A quiet line explains nothing."""
    result = score([planted(expect="quiet")], [said(1)])

    assert (result.planted, len(result.unexpected)) == (0, 1)


def test_a_signal_open_after_its_planted_end_is_not_closed() -> None:
    """Without a resolve by ``until`` the line is listed; with one it is not."""
    line = planted(until=DAY0 + timedelta(days=10))

    assert score([line], [said(1)]).not_closed == (line,)
    assert score([line], [said(1), said(9, Change.RESOLVED, seq=2)]).not_closed == ()


def test_a_planted_hold_is_looked_for_among_suppressions() -> None:
    """A hold is found by its suppression, and left out of the count when no suppressions are given."""
    line = planted(expect="held")
    held = Suppression(
        id="x", signal_id="s1", org_id="acme", rule="usage_jump_10x", family=FamilyName.SPIKE,
        at=DAY0 + timedelta(hours=5), reason=HeldReason.GUARDED, guard="G1",
    )  # fmt: skip

    assert score([line], [], [held]).found == 1
    assert score([line], [], []).missed == (line,)
    assert score([line], []).planted == 0


def test_counts_are_kept_by_rule() -> None:
    """Each rule has its own row, and the text names what went wrong."""
    result = score([planted()], [said(1), said(1, id="o", rule="other_rule")])

    assert result.by_rule["usage_jump_10x"].found == 1
    assert result.by_rule["other_rule"].unexpected == 1
    assert "unexpected  other_rule on acme" in result.text()
