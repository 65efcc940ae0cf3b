"""After an outage: one digest per channel, and every signal in it still has a life."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from signals.domain.reasons import Change, DeadReason, HeldReason, ResolvedBecause, Severity, SkipReason
from signals.domain.signal import Position
from signals.engine.erasing import entry, farewell
from signals.sinks.contract import DIGEST_RECORD
from signals.sinks.digest import Held
from signals.streams.catch_up import LONGEST, QUIET, CatchUp, Gatherings
from signals.streams.topics import partition_for
from support.cards import NOW
from support.catch_up_town import CHANNEL, PARTITIONS, Town, later, signal
from support.fake_server import Fault
from support.hand_clock import HandClock
from support.slack_fake import SlackFake


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """Nothing has happened yet."""
    clock = HandClock()
    slack = SlackFake(clock=clock.monotonic)
    async with slack.running():
        yield Town(slack, clock)


def held(town: Town) -> Held:
    """Return what the digest shows."""
    sent = town.sent[partition_for(CHANNEL, PARTITIONS)][DIGEST_RECORD, CHANNEL]
    return msgspec.json.decode(sent.held, type=Held)


async def test_four_hundred_stale_cards_become_one_message(town: Town) -> None:
    """From all partitions; each signal is held back with a record, and remembered as sent."""
    for number in range(400):
        town.due(signal(number))

    await town.live()

    (message,) = town.slack.cards()
    assert message["text"] == "While we were away: 400 signals, 400 notice"
    assert town.slack.replies() == []
    assert len(held(town).ids) == 400
    assert Counter(town.meter.held) == Counter(one.reason for one in town.suppressions) == {HeldReason.GROUPED: 400}
    assert len({one.id for one in town.suppressions}) == 400
    assert town.meter.skipped.count(SkipReason.FOLDED) == 400
    assert sum(sent.in_digest for known in town.sent.values() for sent in known.values()) == 400


async def test_a_few_stale_cards_are_cards(town: Town) -> None:
    """Ten of them over all partitions; nothing is held back for long, and nothing is suppressed."""
    for number in range(10):
        town.due(signal(number))

    await town.live()

    assert len(town.slack.cards()) == 10
    assert (town.suppressions, town.meter.skipped) == ([], [])


async def test_fresh_cards_go_out_beside_the_digest(town: Town) -> None:
    """And other channels have their own."""
    for number in range(30):
        town.due(signal(number))
    town.due(msgspec.structs.replace(signal(77), at=NOW))
    town.due(signal(78), "other-signals")

    await town.live()

    texts = sorted(card["text"][:24] for card in town.slack.cards())
    assert texts == ["Account 77: usage fell –", "Account 78: usage fell –", "While we were away: 30 s"]


async def test_what_came_and_went_is_told_as_a_number(town: Town) -> None:
    """Its record says that it was stale; a card that ends where it began helps nobody."""
    for number in range(20):
        town.due(one := signal(number))
        if number < 5:
            town.due(later(one, Change.RESOLVED, status="resolved", resolved_because=ResolvedBecause.CLEARED))

    await town.live()

    (message,) = town.slack.cards()
    assert "5 others came and went meanwhile" in str(message["blocks"])
    assert Counter(town.meter.held) == {HeldReason.GROUPED: 15, HeldReason.STALE: 5}
    assert len(town.suppressions) == 20


async def test_a_signal_in_the_digest_gets_its_card_when_it_escalates(town: Town) -> None:
    """A silent update stays silent; the escalation tags the owner on a card of its own, which then lives on."""
    for number in range(20):
        town.due(signal(number))
    await town.live()
    town.due(updated := later(signal(3), Change.UPDATED))
    await town.live()
    assert len(town.slack.cards()) == 1
    assert town.meter.skipped[-1] is SkipReason.IN_DIGEST

    town.due(raised := later(updated, Change.ESCALATED, severity=Severity.CRITICAL, notify=True))
    await town.live()
    town.due(later(raised, Change.RESOLVED, status="resolved", resolved_because=ResolvedBecause.CLEARED))
    await town.live()

    _, card = town.slack.cards()
    assert "Account 3" in card["text"]
    assert "Resolved after" in card["text"]
    assert card["metadata"]["event_payload"]["seq"] == 4


async def test_an_erased_account_leaves_the_digest(town: Town) -> None:
    """The message is edited and names it no more; nothing is remembered of it."""
    town.due(one := signal(0, severity=Severity.CRITICAL))
    for number in range(1, 12):
        town.due(signal(number))
    await town.live()
    assert "Account 0" in str(town.slack.cards()[0]["blocks"])

    last, _ = farewell(entry(one.signal_id, ()), one.org_id, NOW, Position(1, "feedback", 0, 4))
    town.due(last)
    await town.live()

    (message,) = town.slack.cards()
    assert "Account 0" not in str(message["blocks"])
    assert "Account 0" not in msgspec.json.encode(held(town)).decode()
    assert not any(one.signal_id in key for known in town.sent.values() for key in known)


async def test_a_second_wave_joins_the_digest_and_a_later_outage_has_its_own(town: Town) -> None:
    """An ingest that catches up for minutes makes one message; tomorrow's outage notifies again."""
    for number in range(20):
        town.due(signal(number))
    await town.live()
    for number in range(20, 40):
        town.due(signal(number))
    await town.live()
    (message,) = town.slack.cards()
    assert message["text"].startswith("While we were away: 40 signals")

    town.clock.seconds += timedelta(days=1).total_seconds()
    for number in range(40, 60):
        town.due(signal(number))
    await town.live()
    assert [card["text"][:30] for card in town.slack.cards()] == [
        "While we were away: 40 signals",
        "While we were away: 20 signals",
    ]


async def test_a_death_at_any_write_leaves_one_digest_and_no_card(town: Town) -> None:
    """The part, what was sent, the suppressions, the digest's own record: each may be the last thing not done."""
    writes = 0
    for die_at in range(1, 40):
        clock = HandClock()
        slack = SlackFake(clock=clock.monotonic)
        slack.lag_s = 2.0
        async with slack.running():
            other = Town(slack, clock)
            other.die_at = die_at
            for number in range(60):
                other.due(signal(number))
            await other.live()
            assert [card["text"] for card in slack.cards()] == ["While we were away: 60 signals, 60 notice"], die_at
            assert len({one.signal_id for one in other.suppressions}) == 60
            assert sum(sent.in_digest for known in other.sent.values() for sent in known.values()) == 60
            writes = other.writes
        if die_at > writes:
            break
    assert writes >= 9


async def test_a_digest_whose_answer_was_lost_is_one_digest(town: Town) -> None:
    """It is looked for before it is posted again, as a card is."""
    town.slack.lag_s = 2.0
    town.slack.faults.append(Fault(0, applied=True))
    for number in range(30):
        town.due(signal(number))
    await town.live()
    assert [card["text"][:30] for card in town.slack.cards()] == ["While we were away: 30 signals"]


async def test_a_card_posted_before_the_crash_is_not_folded(town: Town) -> None:
    """It stands in the channel already: it is found, and recorded. What the crash left over joins the digest."""
    town.after = timedelta(days=9)
    town.due(signal(0))
    await town.live()
    town.sent.clear()
    town.committed.clear()
    town.after, town.die_at = timedelta(hours=2), town.writes + 1
    for number in range(1, 30):
        town.due(signal(number))
    await town.live(doubtful=True)

    texts = sorted(card["text"][:30] for card in town.slack.cards())
    assert texts == ["Account 0: usage fell – −38 % ", "While we were away: 29 signals"]


async def test_a_part_nobody_can_read_is_a_dead_letter(town: Town) -> None:
    """It must not stop the partition for ever; the others are joined."""
    home = partition_for(CHANNEL, PARTITIONS)
    town.deliver(home, msgspec.json.encode({"kind": "catch_up", "destination": CHANNEL}))
    for number in range(12):
        town.due(signal(number))

    await town.live()

    assert [card["text"][:30] for card in town.slack.cards()] == ["While we were away: 12 signals"]
    assert town.meter.deaths == [DeadReason.UNDECODABLE]


async def test_cards_that_grew_stale_while_slack_was_down_become_a_digest(town: Town) -> None:
    """They were fresh when they came; whatever was being tried when Slack came back may still be a card."""
    back_at = timedelta(hours=4).total_seconds()
    town.slack.refuse = lambda *_: "internal_error" if town.clock.seconds < back_at else ""
    for number in range(60):
        town.due(one := msgspec.structs.replace(signal(number), at=NOW))
        if number % 2:
            town.due(later(one, Change.ESCALATED, severity=Severity.CRITICAL, notify=True))

    await town.live()

    cards = [card["text"] for card in town.slack.cards()]
    digests = [text for text in cards if text.startswith("While we were away")]
    assert len(digests) == 1
    assert len(cards) - 1 <= PARTITIONS
    assert len(held(town).ids) == 60 - (len(cards) - 1)
    assert town.meter.deaths == []


async def test_switched_off_everything_is_a_card(town: Town) -> None:
    """As for histories, where everything is long ago."""
    town.after = timedelta(days=365)
    for number in range(15):
        town.due(signal(number))
    await town.live()
    assert len(town.slack.cards()) == 15


async def test_it_is_decided_when_no_more_comes_or_after_a_while() -> None:
    """A restart reads its backlog in seconds; an ingest that catches up for an hour does not hold everything back."""
    clock = HandClock()
    gatherings = Gatherings(CatchUp(more_than=2), monotonic=clock.monotonic, sleep=clock.sleep)
    gatherings.note("c", "a")
    await gatherings.settled("c")
    assert clock.seconds == QUIET.total_seconds()

    clock.seconds = 0
    other = Gatherings(CatchUp(more_than=2), monotonic=clock.monotonic, sleep=clock.sleep)
    for number in range(40):
        other.note("c", f"s{number}")
        clock.seconds += 10
    await other.settled("c")
    assert clock.seconds == max(400, LONGEST.total_seconds())


def test_many_stays_many_until_all_of_it_is_gone() -> None:
    """Partitions decide one after the other; the last one must not find its few left and post them."""
    gatherings = Gatherings(CatchUp(more_than=2), monotonic=lambda: 0.0, sleep=HandClock().sleep)
    for name in "abc":
        gatherings.note("c", name)
    said = [gatherings.many("c", NOW)]
    gatherings.gone("c", ["a", "b"])
    said.append(gatherings.many("c", NOW))
    gatherings.gone("c", ["c"])
    gatherings.note("c", "d")
    said.append(gatherings.many("c", NOW))
    assert said == [True, True, False]


def test_few_join_a_fresh_digest() -> None:
    """An hour later they are few again."""
    gatherings = Gatherings(CatchUp(more_than=2), monotonic=lambda: 0.0, sleep=HandClock().sleep)
    gatherings.folded("c", NOW)
    gatherings.note("c", "d")
    assert gatherings.many("c", NOW + timedelta(minutes=59))
    assert not gatherings.many("c", NOW + timedelta(minutes=60))
