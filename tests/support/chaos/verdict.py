"""What came out against what ``replay`` says: nothing missing, nothing extra, nothing twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from signals.backtest.replay import Replayed
from signals.domain.account.state import Account
from signals.domain.signal import Delivery, Suppression, Transition
from signals.domain.update import Arrival
from signals.engine.stepped import Stepped
from signals.settings.load import Configuration
from signals.sinks.all import SinksConfig
from signals.sinks.card import build_card
from signals.sinks.contract import Sent
from signals.sinks.hubspot.mapping import task_update
from signals.sinks.slack.blocks import card_message
from signals.sinks.task import build_task
from signals.streams.codec import encode_json
from signals.streams.deadletter import DeadLetter
from signals.wiring.sinks import sinks_config
from support.chaos.services import CHANNELS, Services
from support.hubspot_fake import TASK_KEY

SHOWN = 12
"""Examples kept of each finding."""


@dataclass
class Count:
    """One kind of output: how many there should be, and what is wrong with those that are."""

    expected: int = 0
    found: int = 0
    """Different ones."""
    lost: int = 0
    extra: int = 0
    wrong: int = 0
    """There, with another content."""
    doubled: int = 0
    """There twice where a person would see it twice."""
    repeated: int = 0
    """Records or calls that came again and are recognised by their id: allowed."""
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.extra or self.wrong or self.doubled)

    def note(self, what: str, text: str) -> None:
        """Keep an example."""
        if len(self.examples) < SHOWN:
            self.examples.append(f"{what}: {text}")


@dataclass
class Expectation:
    """What replay gave, and the deliveries on the way."""

    replayed: Replayed
    deliveries: list[Delivery]

    @staticmethod
    def watcher() -> tuple[list[Delivery], Callable[[Account | None, Arrival | None, Stepped], None]]:
        """Return a list and what fills it with deliveries while replaying."""
        found: list[Delivery] = []
        return found, lambda _before, _arrival, stepped: found.extend(stepped.deliveries)

    def last(self, sink: str) -> dict[tuple[str, str], Transition]:
        """Return the last transition of each signal and destination."""
        last: dict[tuple[str, str], Transition] = {}
        for one in self.deliveries:
            key = one.transition.signal_id, one.destination
            if one.sink == sink and (key not in last or one.transition.seq > last[key].seq):
                last[key] = one.transition
        return last


def compare_values(expected: Mapping[str, bytes], published: Iterable[tuple[str, bytes]]) -> Count:
    """Compare records by id: the same ids, each with the same content however often it came."""
    count, found = Count(expected=len(expected)), dict[str, bytes]()
    for key, value in published:
        if key in found:
            count.repeated += 1
            if found[key] != value:
                count.wrong += 1
                count.note("repeated with another content", brief(value))
        found.setdefault(key, value)
    count.found = len(found)
    for key in expected.keys() - found.keys():
        count.lost += 1
        count.note("lost", brief(expected[key]))
    for key in found.keys() - expected.keys():
        count.extra += 1
        count.note("extra", brief(found[key]))
    for key in found.keys() & expected.keys():
        if found[key] != expected[key]:
            count.wrong += 1
            count.note("wrong", f"{brief(expected[key])}: {difference(found[key], expected[key])}")
    return count


def brief(value: bytes) -> str:
    """Return who, what and when of a record."""
    one = msgspec.json.decode(value)
    names = ("at", "org_id", "rule", "key", "change", "reason", "seq", "caused_by", "topic", "partition", "offset")
    return " ".join(str(one[name]) for name in names if name in one)


def difference(found: bytes, expected: bytes) -> str:
    """Return the fields in which two records differ."""
    one, two = msgspec.json.decode(found), msgspec.json.decode(expected)
    fields = [name for name in one.keys() | two.keys() if one.get(name) != two.get(name)]
    return "; ".join(f"{name} {one.get(name)} for {two.get(name)}" for name in fields)[:400]


def transitions(expectation: Expectation, values: Iterable[bytes]) -> Count:
    """Compare signal-events."""
    return compare_values(
        {one.id: encode_json(one) for one in expectation.replayed.transitions},
        ((msgspec.json.decode(value, type=Transition).id, value) for value in values),
    )


def states(expectation: Expectation, records: Iterable[tuple[bytes, bytes | None]]) -> Count:
    """Compare signal-state: the value that stands for each key at the end."""
    expected: dict[str, Transition] = {}
    for one in expectation.replayed.transitions:
        if one.signal_id not in expected or one.seq > expected[one.signal_id].seq:
            expected[one.signal_id] = one
    standing = {key.decode(): value for key, value in records}
    return compare_values(
        {key: encode_json(one) for key, one in expected.items()},
        [(key, value) for key, value in standing.items() if value is not None],
    )


def suppressions(expectation: Expectation, values: Iterable[bytes]) -> Count:
    """Compare suppressions by id; those that deliver writes are its own affair."""
    return compare_values(
        {one.id: encode_json(one) for one in expectation.replayed.suppressions},
        ((msgspec.json.decode(value, type=Suppression).id, value) for value in values),
    )


def dead_letters(expectation: Expectation, values: Iterable[bytes]) -> tuple[Count, Count]:
    """Compare the dead letters of inputs by position and reason; count those of deliveries, of which none is due."""
    replayed = expectation.replayed
    expected = {f"{one.topic}:{one.partition}:{one.offset}": one.reason.value for one in replayed.rejected}
    for one in replayed.dead:
        place = one.arrival.position
        expected[f"{place.topic}:{place.partition}:{place.offset}"] = one.reason.value
    found, undelivered = [], Count(expected=1)
    for value in values:
        letter = msgspec.json.decode(value, type=DeadLetter)
        if letter.stage == "deliver":
            undelivered.lost += 1
            undelivered.note("given up", f"{letter.topic} {letter.org_id} {letter.message}")
        else:
            text = msgspec.json.encode({"reason": letter.reason.value})
            found.append((f"{letter.topic}:{letter.partition}:{letter.offset}", text))
    wanted = {key: msgspec.json.encode({"reason": reason}) for key, reason in expected.items()}
    return compare_values(wanted, found), undelivered


ANY_SENT = msgspec.convert(
    {"signal_id": "s", "seq": 1, "sink": "slack", "destination": "d", "ref": {}, "at": "2026-01-01T00:00:00Z"}, Sent
)
"""A card that was there before tags nobody; which of the two forms stands at the end depends on what was edited."""


def cards(expectation: Expectation, services: Services, config: SinksConfig) -> tuple[Count, Count]:
    """Compare Slack's cards, one per signal and channel in its last state, and its thread lines, none twice."""
    by_card: dict[tuple[str, str], list[dict[str, Any]]] = {}
    lines: Counter[tuple[str, str, int, int]] = Counter()
    for message in services.slack.messages.values():
        payload = message["metadata"]["event_payload"]
        if payload["part"] == "card":
            by_card.setdefault((payload["signal_id"], message["channel"]), []).append(message)
        else:
            lines[payload["signal_id"], message["channel"], payload["seq"], payload.get("page", 0)] += 1
    last = expectation.last("slack")
    wanted = {(signal, CHANNELS[destination.removeprefix("#")]): one for (signal, destination), one in last.items()}
    count = Count(expected=len(wanted), found=len(by_card))
    for key, one in wanted.items():
        standing = by_card.get(key, [])
        if not standing:
            count.lost += 1
            count.note("no card", _name(one))
        if len(standing) > 1:
            count.doubled += len(standing) - 1
            count.note("doubled", f"{_name(one)}: {'; '.join(services.slack.story(key[1], key[0]))[:1500]}")
        forms = [
            card_message(build_card(one, sent, config.appearance), config.slack.users).blocks
            for sent in (None, ANY_SENT)
        ]
        for message in standing[-1:]:
            # Whether a card has its chart is chance when uploads fail; that it shows no file that is gone is not.
            pictures = {block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"}
            if [block for block in message["blocks"] if block["type"] != "image"] not in forms:
                count.wrong += 1
                count.note("not in its last state", f"{_name(one)}, shows {message['metadata']['event_payload']}")
            elif not pictures <= services.slack.files.keys():
                count.wrong += 1
                count.note("shows a file that is gone", f"{_name(one)}, {pictures}")
    for key in by_card.keys() - wanted.keys():
        count.extra += 1
        count.note("extra", str(key))
    threads = Count(expected=len(lines), found=len(lines), doubled=sum(times - 1 for times in lines.values()))
    for line, times in lines.items():
        if times > 1:
            threads.note("doubled", f"{line} {times} times")
    return count, threads


def tasks(expectation: Expectation, services: Services, config: SinksConfig) -> Count:
    """Compare HubSpot's tasks: one per signal, in its last state."""
    standing: dict[str, list[dict[str, Any]]] = {}
    for task in services.hubspot.tasks.values():
        standing.setdefault(task["properties"][TASK_KEY], []).append(task["properties"])
    wanted = {signal: one for (signal, _), one in expectation.last("crm").items()}
    count = Count(expected=len(wanted), found=len(standing))
    for signal, one in wanted.items():
        found = standing.get(signal, [])
        if not found:
            count.lost += 1
            count.note("no task", _name(one))
        if len(found) > 1:
            count.doubled += len(found) - 1
            count.note("doubled", _name(one))
        shown = task_update(build_task(one, config.appearance), one.change, config.hubspot)["properties"]
        for properties in found[-1:]:
            if not shown.items() <= properties.items():
                count.wrong += 1
                count.note("not in its last state", _name(one))
    for signal in standing.keys() - wanted.keys():
        count.extra += 1
        count.note("extra", signal)
    return count


def webhooks(expectation: Expectation, services: Services) -> Count:
    """Compare what the receiver got, by idempotency key."""
    wanted = {one.id: one for one in expectation.deliveries if one.sink == "webhook"}
    received = services.webhook.received
    count = Count(expected=len(wanted), found=len(received), repeated=len(services.webhook.raw) - len(received))
    for key in wanted.keys() - received.keys():
        count.lost += 1
        count.note("lost", _name(wanted[key].transition))
    for key in received.keys() - wanted.keys():
        count.extra += 1
        count.note("extra", key)
    return count


def _name(one: Transition) -> str:
    return f"{one.signal_id} {one.rule} seq {one.seq} {one.change.value}"


def sink_counts(expectation: Expectation, services: Services, configuration: Configuration) -> dict[str, Count]:
    """Compare everything that people and systems were told."""
    config = sinks_config(configuration)
    slack, threads = cards(expectation, services, config)
    return {
        "slack cards": slack,
        "slack thread lines": threads,
        "crm tasks": tasks(expectation, services, config),
        "webhook calls": webhooks(expectation, services),
    }
