"""The canary: one card a partition that is edited, seen arriving, and of no account to anybody else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from signals.backtest.examples import play_all
from signals.domain.canary import CANARY_RULE, canary_account, canary_sent_at, is_canary
from signals.domain.errors import ConfigError
from signals.domain.events.feedback import CanarySent
from signals.domain.reasons import Change, FamilyName
from signals.domain.signal import Delivery
from signals.engine.policy import Policy
from signals.ingest.canary import canaries
from signals.settings.load import Configuration, parse_settings
from signals.settings.model import Settings
from signals.sinks.contract import Sent
from signals.sinks.slack.sink import SlackSink
from signals.streams.deliver import DeliverStatus
from signals.streams.topics import Topics, partition_for
from signals.telemetry.deliver_meter import DeliverMetrics
from signals.telemetry.metrics import Metrics
from signals.wiring.catalogue import catalogue_of, count_rules
from signals.wiring.watchdogs import deliver_watchdogs
from support.cards import transition
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake
from support.timeline import Timeline

ON = "canary: {every: 1m, channel: account-signals}\n"


def configuration(text: str = ON) -> Configuration:
    """Return the configuration that *text* says."""
    return Configuration(parse_settings(text, "signals.yaml"))


def canary(line: Timeline, at: datetime) -> CanarySent:
    """Return a sign of life of the line's account."""
    return CanarySent(org_id=line.org_id, at=at)


@pytest.fixture
def line() -> Timeline:
    """A canary's account, with every rule there is, ours included."""
    return Timeline(catalogue_of(configuration()), org_id="signals-canary-0")


def test_every_partition_has_its_account() -> None:
    """One of ours each, on its own partition, the same every time."""
    clock = HandClock()
    topics = Topics(partitions=8)

    events = canaries(topics, range(8), clock)

    assert [partition_for(event.org_id, 8) for event in events.values()] == list(range(8))
    assert all(is_canary(event.org_id) and event.at == clock.now() for event in events.values())
    assert events == canaries(topics, range(8), clock)
    assert not is_canary("signals-can")
    assert canary_account(1, lambda org_id: partition_for(org_id, 2)) == canaries(Topics(2), [1], clock)[1].org_id


def test_its_rule_is_there_only_when_it_is_on() -> None:
    """Nobody has to know it who does not use it."""
    assert CANARY_RULE not in catalogue_of(configuration("{}")).by_id
    assert CANARY_RULE in catalogue_of(configuration()).by_id


def test_the_rules_in_force_are_counted_without_it() -> None:
    """By family, also where there are none; switching the canary on is no new rule."""
    metrics = Metrics(CollectorRegistry())
    catalogue = catalogue_of(configuration())
    count_rules(catalogue, metrics)

    def shown(family: FamilyName) -> int:
        return int(sum(metrics.value("signals_rules", family=family, stage=stage) for stage in ("live", "shadow")))

    assert sum(shown(family) for family in FamilyName) == len(catalogue.rules) - 1
    assert shown(FamilyName.PAYMENT) > 0
    shadow = {"family": "payment", "stage": "shadow"}
    assert metrics.registry.get_sample_value("signals_rules", shadow) == 0.0


def test_the_examples_of_its_rule_are_what_happens() -> None:
    """As with every rule that ships; channel and sink are those of the pack then."""
    catalogue = catalogue_of(configuration("canary: {every: 1m}\n"))
    played = list(play_all([catalogue.by_id[CANARY_RULE]], catalogue=catalogue, policy=Policy()))

    assert [one.explain() for one in played if not one.ok] == []
    assert len(played) == 2


def test_signs_of_life_are_one_signal_that_moves(line: Timeline) -> None:
    """The first opens it and tells nobody but its channel; each further one is a silent edit; a repeat is none."""
    first = line.send(canary(line, line.at(0)))
    deliveries = list(line.last.deliveries) if line.last is not None else []
    later = [line.send(canary(line, line.at(0) + timedelta(minutes=minute))) for minute in range(1, 5)]
    repeated = line.send(canary(line, line.at(0) + timedelta(minutes=4)))

    assert [(one.change, one.rule) for one in first] == [(Change.OPENED, CANARY_RULE)]
    assert [(one.sink, one.destination) for one in deliveries] == [("slack", "#account-signals")]
    assert [[one.change for one in said] for said in later] == [[Change.UPDATED]] * 4
    assert not any(one.notify for said in later for one in said)
    assert {one.signal_id for said in later for one in said} == {first[0].signal_id}
    assert repeated == []


def test_its_account_means_nothing_to_any_other_rule(line: Timeline) -> None:
    """Two months of it, then half a year of silence: no other signal, nothing held back."""
    for day in range(60):
        line.send(canary(line, line.at(day)))
    line.until(240)

    assert {one.rule for one in line.transitions} == {CANARY_RULE}
    assert line.suppressions == []


def deliver_of(line: Timeline, at: datetime) -> Delivery:
    """Return the delivery that a sign of life causes."""
    line.send(canary(line, at))
    assert line.last is not None
    (only,) = line.last.deliveries
    return only


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    """A Slack that is fine."""
    fake = SlackFake()
    async with fake.running():
        yield fake


@pytest.fixture
async def sink(slack: SlackFake) -> AsyncIterator[SlackSink]:
    """A started sink that posts to it."""
    made = slack_sink(slack.url, HandClock(), channels={"#account-signals": "C01SIG"})
    await made.start()
    yield made
    await made.stop()


async def test_in_slack_it_is_one_card_without_a_growing_thread(
    line: Timeline, sink: SlackSink, slack: SlackFake
) -> None:
    """Every sign of life edits the card; the thread keeps the details of the opening."""
    sent: Sent | None = None
    texts = []
    for minute in range(0, 3 * 24 * 60, 300):
        sent = await sink.send(deliver_of(line, line.at(0) + timedelta(minutes=minute)), sent)
        (card,) = slack.cards()
        texts.append(str(card["text"]) + str(card["blocks"]))

    assert len(set(texts)) == len(texts)
    assert len(slack.replies()) <= 1


def settings(text: str = ON) -> Settings:
    """Return the settings that *text* says."""
    return parse_settings(text, "signals.yaml")


async def test_what_arrives_is_as_old_as_it_was_sent() -> None:
    """Age, latency and count; what another sink took is no arrival, and a clock that is behind makes nothing young."""
    clock = HandClock()
    metrics = Metrics(CollectorRegistry())
    status = DeliverStatus(frozenset({3}))
    watchdogs = deliver_watchdogs(settings(), status)
    meter = DeliverMetrics(metrics, watchdogs, clock.monotonic)

    def age_s() -> float:
        return metrics.value("signals_canary_age_seconds", sink="slack")

    assert age_s() == 0.0
    await clock.sleep(100)
    assert age_s() == 100.0
    meter.canary("webhook", 3, 1.0)
    assert age_s() == 100.0
    meter.canary("slack", 3, 3.0)
    assert age_s() == 3.0
    await clock.sleep(298)
    assert [one.name for one in watchdogs if one.look(clock.monotonic()).tripped] == ["canary"]
    meter.canary("slack", 3, -20.0)
    assert age_s() == 0.0
    assert metrics.value("signals_canaries", outcome="arrived") == 2.0
    assert metrics.registry.get_sample_value("signals_canary_latency_seconds_sum") == 3.0


def test_the_transition_says_when_its_canary_was_sent(line: Timeline) -> None:
    """The event's own time, not the account's clock; other people's transitions say nothing."""
    line.send(canary(line, line.at(1)))
    late = line.send(canary(line, line.at(1) + timedelta(seconds=2)))
    ahead = msgspec.structs.replace(late[0], at=line.at(2))

    assert canary_sent_at(ahead) == line.at(1) + timedelta(seconds=2)
    assert canary_sent_at(transition()) is None
    assert canary_sent_at(msgspec.structs.replace(ahead, evidence=())) is None


def test_without_a_canary_there_is_no_age() -> None:
    """An age of 0 would say that all is well."""
    metrics = Metrics(CollectorRegistry())

    DeliverMetrics(metrics, deliver_watchdogs(settings("{}"), DeliverStatus()))

    assert metrics.registry.get_sample_value("signals_canary_age_seconds", {"sink": "slack"}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("canary: {every: 1m}\ntime: {source: input}\n", "canary.every needs time.source wall"),
        ("canary: {every: 1m, sink: webhook}\n", "canary.sink webhook needs sinks.webhook.url"),
        ("canary: {every: 100ms}\n", r"canary.every: more often than once a second, got .* \(valid: 1s or longer\)"),
    ],
)
def test_a_canary_that_could_not_live_is_refused(text: str, said: str) -> None:
    """The start says why."""
    with pytest.raises(ConfigError, match=said):
        parse_settings(text, "signals.yaml")
