"""The simulated company: same bytes for the same seed, valid events, in order of delivery."""

from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import Any

import msgspec
import pytest

from signals.domain.events.described import TraitsReported
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved
from signals.domain.events.kinds import BROADCAST, EVENTS_OF, AnyEvent
from signals.domain.events.market import LaunchAnnounced
from signals.domain.reasons import DeadReason
from signals.ingest.decode import RecordDecoder
from signals.ingest.record import Accepted, RawRecord
from signals.simulator.company import Simulation, simulate
from signals.simulator.plots.catalogue import PLOTS
from signals.simulator.settings import DEMO, TINY, SimulationSettings, large
from signals.streams.topics import partition_for

DECODER = msgspec.json.Decoder(AnyEvent)


def digest(simulation: Simulation) -> str:
    """Return a fingerprint of every record."""
    hasher = blake2b(digest_size=16)
    for record in simulation.records():
        hasher.update(msgspec.json.encode([record.topic, record.key, record.received_at]) + record.value)
    return hasher.hexdigest()


@pytest.fixture(scope="module")
def tiny() -> Simulation:
    """The smallest preset."""
    return simulate(TINY)


def test_the_same_settings_give_the_same_bytes(tiny: Simulation) -> None:
    """Told twice, and simulated anew, the story is the same to the byte."""
    first = digest(tiny)

    assert digest(tiny) == first
    assert digest(simulate(TINY)) == first


def test_another_seed_gives_another_company(tiny: Simulation) -> None:
    """A seed changes organizations and events, not the plots."""
    other = simulate(replace(TINY, seed=2))

    assert digest(other) != digest(tiny)
    assert [draft.plots for draft in other.drafts] == [draft.plots for draft in tiny.drafts]


def test_every_good_record_is_a_canonical_event_of_its_topic_and_key(tiny: Simulation) -> None:
    """Each value decodes as one event of the union, on the topic that carries it, under its own organization's key."""
    for record in tiny.records():
        event = DECODER.decode(record.value)

        assert type(event) in EVENTS_OF[record.topic]
        assert event.org_id == record.key


def test_what_is_broadcast_is_told_once_and_changes_no_account(tiny: Simulation) -> None:
    """It is in order with the rest, each record may be broadcast, and the accounts' own records stay as they are."""
    told = list(simulate(replace(TINY, broadcasts=True)).records())

    assert [one for one in told if one.topic != BROADCAST] == list(tiny.records())
    assert [one.received_at for one in told] == sorted(one.received_at for one in told)
    said = [one for one in told if one.topic == BROADCAST]
    decoder = RecordDecoder(4)
    found = [decoder.decode(RawRecord(BROADCAST, 0, n, b"*", one.value)) for n, one in enumerate(said)]
    kinds = {type(event) for one in found if isinstance(one, Accepted) for event in one.events}
    assert len(found) == len(said)
    assert kinds == {IncidentDeclared, IncidentResolved, LaunchAnnounced, TraitsReported}


def test_records_arrive_in_order_within_the_simulation(tiny: Simulation) -> None:
    """Arrival times never go back, none lies outside the simulated days, and none is before its event."""
    last = tiny.calendar.midnight(0)
    for record in tiny.records():
        assert last <= record.received_at < tiny.end
        last = record.received_at
        assert DECODER.decode(record.value).at <= record.received_at


def test_every_account_reports_usage_every_day(tiny: Simulation) -> None:
    """A zero needs a witness: from its first day on each organization has at least one report for each day."""
    reported: dict[str, set[str]] = {}
    for record in tiny.records():
        value = msgspec.json.decode(record.value)
        if value["kind"] == "usage_reported":
            reported.setdefault(value["org_id"], set()).add(value["day"])

    for draft in tiny.drafts:
        expected = {tiny.calendar.date_of(day).isoformat() for day in range(draft.created, TINY.days)}
        assert reported[draft.org_id] == expected


def test_a_moment_posted_twice_has_the_same_bytes(tiny: Simulation) -> None:
    """A natural id comes back only with the very same event, and some do come back."""
    seen: dict[str, bytes] = {}
    repeats = 0
    for record in tiny.records():
        moment = msgspec.json.decode(record.value).get("id")
        if moment is None:
            continue
        repeats += moment in seen
        assert seen.setdefault(moment, record.value) == record.value

    assert repeats > 0


def test_some_events_arrive_late_but_within_two_days() -> None:
    """With a share of late events some arrive hours after they happened, none more than two days."""
    simulation = simulate(replace(TINY, late_share=0.05))
    delays = [
        record.received_at - event.at
        for record in simulation.records()
        if (event := DECODER.decode(record.value)) is not None
    ]

    assert sum(delay.total_seconds() > 3600 for delay in delays) > 50
    assert max(delays).total_seconds() < 2 * 86400


def test_the_demo_stays_small_enough_for_the_embedded_broker() -> None:
    """At most 60,000 events, and well under 4 MB on any of eight partitions of a topic, framing included."""
    sizes: dict[tuple[str, int], int] = {}
    count = 0
    for record in simulate(DEMO).records():
        count += 1
        place = (record.topic, partition_for(record.key or "", 8))
        sizes[place] = sizes.get(place, 0) + len(record.value) + 100

    assert count <= 60_000
    assert max(sizes.values()) < 2_500_000


def test_bad_input_says_why_it_is_bad() -> None:
    """Bad records come in every kind, marked with the reason; the good ones around them stay good."""
    simulation = simulate(replace(TINY, bad_input_share=0.05))
    reasons = {record.dead for record in simulation.records()}

    assert reasons == {
        None, DeadReason.UNDECODABLE, DeadReason.UNKNOWN_KIND, DeadReason.INVALID, DeadReason.MISSING_KEY,
        DeadReason.FOREIGN_ACCOUNT, DeadReason.FUTURE, DeadReason.WRONG_TOPIC,
    }  # fmt: skip


def test_bad_input_does_not_change_the_good_events(tiny: Simulation) -> None:
    """What is added is added: without the bad records every organization has the events it had."""
    good = {record.value for record in tiny.records()}
    with_bad = simulate(replace(TINY, bad_input_share=0.05))

    assert {record.value for record in with_bad.records() if record.dead is None} == good


async def test_a_stream_waits_before_each_record(tiny: Simulation) -> None:
    """The pace is the caller's: it is asked with each arrival time, in order, before the record comes."""
    asked = []

    async def wait(at: object) -> None:
        asked.append(at)

    told = []
    async for record in tiny.stream(wait):
        told.append(record.received_at)
        assert asked == told
        if len(told) == 5:
            break

    assert len(asked) == 5


def test_a_plot_that_does_not_exist_is_refused() -> None:
    """A name nobody knows fails at once and names those there are."""
    with pytest.raises(ValueError, match="no such plot: heist"):
        simulate(SimulationSettings(plots=("heist",)))


@pytest.mark.parametrize(
    "change", [
        {"accounts": 0}, {"days": 0}, {"late_share": 0.6}, {"events_per_day": 0.0}, {"start": date(2026, 1, 2)},
        {"zone": "Atlantis"}, {"zone": "../etc"},
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(change: dict[str, Any]) -> None:
    """Counts below one and shares out of range fail before the first event."""
    with pytest.raises(ValueError, match="must"):
        SimulationSettings(**change)


def test_a_large_company_repeats_plots_on_a_share_of_its_accounts() -> None:
    """After each plot once, every fifth of the accounts left gets one."""
    simulation = simulate(large(len(PLOTS) + 100, days=120))
    plotted = [draft for draft in simulation.drafts if draft.plots]

    assert len(plotted) == len(PLOTS) + 20
