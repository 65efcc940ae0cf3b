"""The digest: parts join in any order and any number of times, and the page says what matters."""

from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from signals.domain.ids import derive_id
from signals.domain.reasons import FamilyName, ResolvedBecause, Severity
from signals.domain.signal import Transition
from signals.sinks.digest import CATCH_UP, TOP, Held, Part, begin, join, turn_page
from signals.sinks.digest_page import build_digest, part_of
from signals.sinks.slack.digest import digest_message
from signals.sinks.spans import plain
from support.block_kit import problems
from support.cards import APPEARANCE, NOW, every_sample, transition


def signal(number: int, *, severity: Severity = Severity.NOTICE, stake: int | None = None, status: str = "open",
           family: FamilyName = FamilyName.CHURN_RISK) -> Transition:  # fmt: skip
    """Return the last step of a signal of its own."""
    one = transition(org_id=f"org_{number}")
    return msgspec.structs.replace(
        one, signal_id=derive_id("test", str(number)), id=derive_id("step", str(number)), severity=severity,
        family=family, value_at_stake=None if stake is None else Decimal(stake), status=status,
        resolved_because=None if status == "open" else ResolvedBecause.CLEARED,
        account_name=f"Account {number}", headline=f"Account {number}: usage fell", at=NOW + timedelta(minutes=number),
    )  # fmt: skip


def part(*signals: Transition) -> Part:
    """Return one part."""
    return part_of("slack", "c", signals)


A, B = part(*(signal(number) for number in range(5))), part(*(signal(number) for number in range(3, 9)))


def test_a_part_that_comes_twice_changes_nothing() -> None:
    """A crash between writing it and remembering it makes it again."""
    once = join(begin(A), [A, B])
    assert join(once, [B, A, A]) == once
    assert len(once.ids) == 9


def test_parts_join_in_any_order() -> None:
    """Two workers write theirs when they like."""
    one, other = join(begin(A), [A, B]), join(begin(A), [B, A])
    assert (one.counts, one.top, set(one.ids)) == (other.counts, other.top, set(other.ids))


def test_the_most_severe_come_first_then_those_with_most_at_stake() -> None:
    """Only so many have a line."""
    ranked = part(*(signal(number, stake=number) for number in range(20)), signal(99, severity=Severity.CRITICAL))
    held = join(begin(ranked), [ranked])
    assert [plain(one.headline) for one in held.top[:3]] == [
        "Account 99: usage fell",
        "Account 19: usage fell",
        "Account 18: usage fell",
    ]
    assert len(held.top) == TOP
    assert len(held.ids) == 21


def test_what_came_and_went_is_only_counted() -> None:
    """Nobody need look at it."""
    held = join(begin(A), [part(signal(1), signal(2, status="resolved"))])
    assert (len(held.ids), len(held.over)) == (1, 1)


def test_an_erased_account_is_named_no_more() -> None:
    """The count stays: something was missed."""
    held = join(begin(A), [A])
    erased = Part(kind=CATCH_UP, id="e", sink="slack", destination="c", erased=(signal(2).signal_id,))
    after = join(held, [erased])
    assert "Account 2" not in msgspec.json.encode(after).decode()
    assert after.counts == held.counts


def test_a_later_outage_begins_a_new_digest_without_what_the_last_one_had() -> None:
    """And what is erased later goes from the last one, not into a new one."""
    first = turn_page(None, [A], anew=True)
    assert turn_page(first, [B], anew=False).id == first.id
    second = turn_page(first, [B], anew=True)
    assert second.id != first.id
    assert len(second.ids) == 4
    erased = Part(kind=CATCH_UP, id="e", sink="slack", destination="c", erased=(signal(2).signal_id,))
    assert turn_page(first, [erased], anew=True).id == first.id


def test_the_page_says_how_many_how_bad_and_what_is_left() -> None:
    """In the reader's words."""
    many = [signal(number, severity=Severity.WARNING if number % 3 else Severity.CRITICAL, stake=1000 * number,
                   family=FamilyName.PAYMENT if number % 2 else FamilyName.SPIKE) for number in range(30)]  # fmt: skip
    held = join(begin(part(*many)), [part(*many, signal(77, status="resolved"))])
    page = build_digest(held, APPEARANCE, see_all="https://crm.example.com/list")

    assert plain(page.headline) == "While we were away: 30 signals"
    assert page.notification == "While we were away: 30 signals, 10 critical"
    assert plain(page.status[0]) == "10 critical · 20 warning"
    assert page.families == ("💳 Payment: 15", "📈 Spike: 15")
    assert plain(page.top[0]) == "Account 27: usage fell · critical · $27,000 a year at stake"
    assert page.rest.startswith("22 more signals. 1 other came and went meanwhile. Each gets a card")
    assert page.button is not None
    assert problems(digest_message(page).blocks) == []


def test_thousands_are_written_for_people() -> None:
    """And exactly: these are counts, not measurements."""
    held = Held(id="d", counts={"churn_risk/notice": 12345}, ids=tuple(str(number) for number in range(12345)))
    page = build_digest(held, APPEARANCE)
    assert page.notification == "While we were away: 12,345 signals, 12,345 notice"
    assert page.families == ("📉 Churn risk: 12,345",)


def test_one_signal_and_none_read_right() -> None:
    """A digest may hold very little, when most of it is over."""
    one = join(begin(A), [part(signal(1))])
    assert build_digest(one, APPEARANCE).notification == "While we were away: 1 signal, 1 notice"
    none = join(begin(A), [part(signal(1, status="resolved"))])
    page = build_digest(none, APPEARANCE)
    assert page.notification == "While we were away: nothing that still holds"
    assert problems(digest_message(page).blocks) == []


@pytest.mark.parametrize("number", [1, 400, 5000])
def test_whatever_is_in_it_the_message_is_within_slacks_limits(number: int) -> None:
    """Every family, hostile names, thousands of signals."""
    families, severities = list(FamilyName), list(Severity)
    samples = list(every_sample().values())
    signals = [
        msgspec.structs.replace(
            samples[index % len(samples)], signal_id=f"s{index}", family=families[index % len(families)],
            severity=severities[index % len(severities)],
        )
        for index in range(number)
    ]  # fmt: skip
    held = join(begin(part(*signals[:1])), [part(*signals)])
    message = digest_message(build_digest(held, APPEARANCE, see_all="https://crm.example.com/list"))
    assert problems(message.blocks) == []
    assert "<!channel>" not in str(message.blocks)
    assert len(message.text) < 300


def test_what_it_holds_survives_json() -> None:
    """It is remembered that way."""
    held = join(begin(A), [A, B])
    assert msgspec.json.decode(msgspec.json.encode(held), type=Held) == held
