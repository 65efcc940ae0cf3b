"""What people and systems were told, judged: one card and one task per signal, each in its last state."""

from typing import Any

import pytest

from signals.backtest.replay import Replayed
from signals.domain.signal import Transition
from signals.sinks.all import SinksConfig
from signals.sinks.appearance import Appearance
from signals.sinks.card import build_card
from signals.sinks.hubspot.mapping import task_create
from signals.sinks.slack.blocks import card_message, metadata
from signals.sinks.task import build_task
from support.cards import delivery, resolved, transition
from support.chaos.services import CHANNELS, Services
from support.chaos.verdict import Count, Expectation, cards, tasks

FIRST = transition()
LAST = resolved(FIRST)
CONFIG = SinksConfig()
CHANNEL = "sales-alerts"


@pytest.fixture
def expectation() -> Expectation:
    """Two steps of one signal, to Slack and to the CRM."""
    to_slack = [delivery(one, "slack", f"#{CHANNEL}") for one in (FIRST, LAST)]
    return Expectation(Replayed(), to_slack + [delivery(one, "crm", "task") for one in (FIRST, LAST)])


@pytest.fixture
def services() -> Services:
    """Services that were told nothing yet."""
    return Services(seed=1, share=0.0)


def show(services: Services, one: Transition, ts: str, part: str = "card", page: int = 0) -> None:
    """Put a card (or a line of its thread) into the channel."""
    card = build_card(one, None, Appearance())
    channel = CHANNELS[CHANNEL]
    message: dict[str, Any] = {"channel": channel, "ts": ts, "text": "", "metadata": metadata(card, part, page)}
    services.slack.messages[channel, ts] = message | {"blocks": card_message(card, {}).blocks}


def write(services: Services, one: Transition, identity: str) -> None:
    """Make a task."""
    task = build_task(one, Appearance())
    services.hubspot.tasks[identity] = {"properties": task_create(task, "c", CONFIG.hubspot)["properties"]}


def seen(count: Count) -> tuple[int, int, int, int]:
    """Return what is wrong."""
    return count.lost, count.extra, count.wrong, count.doubled


@pytest.mark.parametrize(
    ("shown", "wrong"),
    [
        ([LAST], (0, 0, 0, 0)),
        ([], (1, 0, 0, 0)),
        ([FIRST], (0, 0, 1, 0)),
        ([LAST, LAST], (0, 0, 0, 1)),
        ([LAST, transition(signal_id="another")], (0, 1, 0, 0)),
    ],
)
def test_a_card_that_is_missing_old_doubled_or_nobodys_is_seen(
    shown: list[Transition], wrong: tuple[int, ...], expectation: Expectation, services: Services
) -> None:
    """One per signal and channel, showing the last step."""
    for number, one in enumerate(shown):
        show(services, one, f"{number}.0")

    count, _ = cards(expectation, services, CONFIG)

    assert seen(count) == wrong


@pytest.mark.parametrize(("files", "wrong"), [({"F1": b""}, (0, 0, 0, 0)), ({}, (0, 0, 1, 0))])
def test_a_card_may_show_a_chart_but_none_that_is_gone(
    files: dict[str, bytes], wrong: tuple[int, ...], expectation: Expectation, services: Services
) -> None:
    """Whether it has one is chance when uploads fail."""
    show(services, LAST, "1.0")
    (card,) = services.slack.messages.values()
    card["blocks"] = [*card["blocks"][:-1], {"type": "image", "slack_file": {"id": "F1"}}, card["blocks"][-1]]
    services.slack.files = files

    assert seen(cards(expectation, services, CONFIG)[0]) == wrong


def test_a_thread_line_that_stands_twice_is_seen(expectation: Expectation, services: Services) -> None:
    """Several messages of one long reply are no repeat."""
    for ts, one, page in (("1", FIRST, 0), ("2", FIRST, 1), ("3", LAST, 0)):
        show(services, one, ts, "reply", page)
    assert seen(cards(expectation, services, CONFIG)[1]) == (0, 0, 0, 0)

    show(services, FIRST, "4", "reply", 1)
    assert seen(cards(expectation, services, CONFIG)[1]) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("made", "wrong"),
    [([LAST], (0, 0, 0, 0)), ([], (1, 0, 0, 0)), ([FIRST], (0, 0, 1, 0)), ([LAST, LAST], (0, 0, 0, 1))],
)
def test_a_task_that_is_missing_old_or_doubled_is_seen(
    made: list[Transition], wrong: tuple[int, ...], expectation: Expectation, services: Services
) -> None:
    """One per signal, done when the signal is."""
    for number, one in enumerate(made):
        write(services, one, str(number))

    assert seen(tasks(expectation, services, CONFIG)) == wrong
