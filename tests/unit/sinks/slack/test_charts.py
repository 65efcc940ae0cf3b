"""The chart of a card in Slack: shown when it can be, and never in the card's way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from signals.domain.errors import Transient
from signals.domain.reasons import Change, ChartOutcome, ResolvedBecause, Severity
from signals.domain.signal import Transition
from signals.sinks.chart.words import chart_words
from signals.sinks.contract import Sent
from signals.sinks.delivery import Delivered, deliver
from signals.sinks.slack.charts import LONG_REST, REST
from signals.sinks.slack.sink import SlackSink
from support.cards import delivery
from support.charts import charted, drop_chart
from support.fake_server import DROPPED, HANGS, Fault
from support.hand_clock import HandClock
from support.sink_peers import slack_sink
from support.slack_fake import SlackFake

OPENED = charted()
UPLOAD = ["files.getUploadURLExternal", "files.completeUploadExternal"]


@pytest.fixture
def clock() -> HandClock:
    """The hours of the sink."""
    return HandClock()


@pytest.fixture
def outcomes() -> list[ChartOutcome]:
    """What was counted."""
    return []


@pytest.fixture
async def sink(slack: SlackFake, clock: HandClock, outcomes: list[ChartOutcome]) -> AsyncIterator[SlackSink]:
    """A started sink that counts charts."""
    made = slack_sink(slack.url, clock, counted=outcomes.append, channels={"account-signals": "C01SIG"})
    await made.start()
    yield made
    await made.stop()


def later(before: Transition, days: int = 1, **changes: Any) -> Transition:
    """An update some days on, with a number more in the chart, that changes what the card shows."""
    chart = before.chart or drop_chart()
    chart = msgspec.structs.replace(chart, values=(*chart.values[1:], 5), start=chart.start + timedelta(days=1))
    fields = {"severity": Severity.CRITICAL, "chart": chart, "at": before.at + timedelta(days=days)} | changes
    return msgspec.structs.replace(before, seq=before.seq + 1, change=Change.UPDATED, notify=False, **fields)


def image_of(slack: SlackFake) -> dict[str, Any] | None:
    """The picture on the only card."""
    (card,) = slack.cards()
    return next((block for block in card["blocks"] if block["type"] == "image"), None)


async def test_a_card_shows_its_chart_as_a_private_file(
    sink: SlackSink, slack: SlackFake, outcomes: list[ChartOutcome]
) -> None:
    """Uploaded before the card, shared with no channel, said in words for who cannot see it."""
    sent = await sink.send(delivery(OPENED), None)

    image = image_of(slack)
    assert image is not None
    assert OPENED.chart is not None
    (file,) = slack.files
    assert slack.files[file].startswith(b"\x89PNG")
    assert image["slack_file"] == {"id": file}
    assert image["alt_text"] == chart_words(OPENED.chart)
    assert image["title"]["text"] == "All products, units a day"
    assert slack.methods() == [*UPLOAD, "chat.postMessage", "chat.postMessage"]
    assert not any("channel" in name for method, told in slack.calls if method in UPLOAD for name in told)
    assert sent.ref["chart_file"] == file
    assert outcomes == [ChartOutcome.UPLOADED]


async def test_the_picture_stands_before_the_buttons(sink: SlackSink, slack: SlackFake) -> None:
    """After what there is to read."""
    await sink.send(delivery(OPENED), None)

    kinds = [block["type"] for block in slack.cards()[0]["blocks"]]
    assert kinds[-3:] == ["image", "actions", "context"]


async def test_an_edit_of_the_same_day_keeps_the_picture(sink: SlackSink, slack: SlackFake) -> None:
    """Once a day at most, however often its numbers change."""
    sent = await sink.send(delivery(OPENED), None)

    again = await sink.send(delivery(later(OPENED, at=OPENED.at + timedelta(hours=3))), sent)

    assert len(slack.files) == 1
    assert slack.shown() == list(slack.files)
    assert again.ref == sent.ref


async def test_the_next_day_brings_a_new_picture_and_deletes_the_old_one(sink: SlackSink, slack: SlackFake) -> None:
    """One file per card."""
    sent = await sink.send(delivery(OPENED), None)

    again = await sink.send(delivery(later(OPENED)), sent)

    assert list(slack.files) == [again.ref["chart_file"]] == slack.shown()
    assert again.ref["chart_file"] != sent.ref["chart_file"]


async def test_the_same_numbers_are_not_drawn_again(sink: SlackSink, slack: SlackFake) -> None:
    """Whatever day it is."""
    sent = await sink.send(delivery(OPENED), None)

    await sink.send(delivery(later(OPENED, days=9, chart=OPENED.chart)), sent)

    assert len(slack.files) == 1


async def test_news_without_a_chart_keep_the_one_that_is_there(sink: SlackSink, slack: SlackFake) -> None:
    """Words said again have none of their own."""
    sent = await sink.send(delivery(OPENED), None)

    again = await sink.send(delivery(later(OPENED, chart=None)), sent)

    assert slack.shown() == [sent.ref["chart_file"]]
    assert again.ref == sent.ref


async def test_a_resolved_card_shows_none_and_a_reopened_one_shows_it_again(sink: SlackSink, slack: SlackFake) -> None:
    """The short form is short; the file stays for the long one."""
    sent = await sink.send(delivery(OPENED), None)
    ended = later(OPENED, chart=None, status="resolved", resolved_because=ResolvedBecause.CLEARED)
    sent = await sink.send(delivery(ended), sent)
    assert slack.shown() == []

    again = later(ended, days=0, chart=OPENED.chart, status="open", resolved_because=None)
    await sink.send(delivery(again), sent)

    assert slack.shown() == [sent.ref["chart_file"]]


async def test_an_erased_card_takes_its_picture_along(sink: SlackSink, slack: SlackFake) -> None:
    """Out of Slack, and out of what is remembered."""
    sent = await sink.send(delivery(OPENED), None)
    gone = later(OPENED, chart=None, status="resolved", resolved_because=ResolvedBecause.ERASED)

    sent = await sink.send(delivery(gone), sent)

    assert slack.files == {}
    assert set(sent.ref) == {"channel", "ts"}


async def test_an_erasure_that_cannot_delete_now_is_tried_again(sink: SlackSink, slack: SlackFake) -> None:
    """A file that is gone already is fine, a Slack that fails is not."""
    sent = await sink.send(delivery(OPENED), None)
    gone = later(OPENED, chart=None, status="resolved", resolved_because=ResolvedBecause.ERASED)
    slack.deny["files.delete"] = "internal_error"
    with pytest.raises(Transient):
        await sink.send(delivery(gone), sent)

    slack.deny["files.delete"] = "file_not_found"

    assert (await sink.send(delivery(gone), sent, redelivered=True)).seq == 2


@pytest.mark.parametrize("method", UPLOAD)
@pytest.mark.parametrize("code", ["internal_error", "missing_scope", "ratelimited", "unknown_thing"])
async def test_an_upload_that_fails_costs_the_card_its_chart_only(
    sink: SlackSink, slack: SlackFake, outcomes: list[ChartOutcome], clock: HandClock, method: str, code: str
) -> None:
    """Card and reply arrive at once, and the failure is counted."""
    slack.deny[method] = code

    sent = await sink.send(delivery(OPENED), None)

    assert len(slack.cards()) == len(slack.replies()) == 1
    assert image_of(slack) is None
    assert "chart_file" not in sent.ref
    assert outcomes == [ChartOutcome.FAILED]
    assert sum(clock.slept) < 5


@pytest.mark.parametrize("fault", [Fault(500), Fault(403), Fault(DROPPED)])
async def test_bytes_that_do_not_arrive_cost_the_card_its_chart_only(
    sink: SlackSink, slack: SlackFake, outcomes: list[ChartOutcome], fault: Fault
) -> None:
    """Nothing is completed that was not taken."""
    slack.fault_for = lambda request: fault if request.path.startswith("/upload/") else None

    await sink.send(delivery(OPENED), None)

    assert image_of(slack) is None
    assert UPLOAD[1] not in slack.methods()
    assert outcomes == [ChartOutcome.FAILED]


async def test_a_card_waits_for_its_chart_so_long_and_no_longer(slack: SlackFake, clock: HandClock) -> None:
    """An upload that is never answered is given up before the call itself would be."""
    outcomes: list[ChartOutcome] = []
    sink = slack_sink(slack.url, clock, counted=outcomes.append, upload_within=timedelta(seconds=0.2))
    await sink.start()
    slack.fault_for = lambda request: Fault(HANGS) if request.path.startswith("/upload/") else None

    await sink.send(delivery(OPENED), None)
    await sink.stop()

    assert image_of(slack) is None
    assert outcomes == [ChartOutcome.FAILED]


@pytest.mark.parametrize(("code", "rest"), [("internal_error", REST), ("missing_scope", LONG_REST)])
async def test_after_a_failure_the_next_cards_do_not_try(
    sink: SlackSink, slack: SlackFake, clock: HandClock, code: str, rest: timedelta
) -> None:
    """For a while; a missing scope is not there a minute later either."""
    slack.deny[UPLOAD[0]] = code
    await sink.send(delivery(OPENED), None)
    del slack.deny[UPLOAD[0]]

    clock.seconds += rest.total_seconds() - 10
    await sink.send(delivery(charted("spike")), None)
    assert slack.methods().count(UPLOAD[0]) == 1

    clock.seconds += 11
    await sink.send(delivery(charted("runway")), None)
    assert len(slack.shown()) == 1


async def test_a_file_that_slack_has_not_looked_at_yet_is_added_by_an_edit(
    sink: SlackSink, slack: SlackFake, outcomes: list[ChartOutcome]
) -> None:
    """The card does not wait for it: it is posted without, and once more with it."""
    slack.unready = 1

    sent = await sink.send(delivery(OPENED), None)

    assert slack.shown() == list(slack.files) == [sent.ref["chart_file"]]
    assert slack.methods()[-3:] == ["chat.postMessage", "chat.postMessage", "chat.update"]
    assert outcomes == [ChartOutcome.UPLOADED]


async def test_a_file_that_takes_longer_is_shown_by_the_next_edit(
    sink: SlackSink, slack: SlackFake, outcomes: list[ChartOutcome]
) -> None:
    """Without being uploaded again."""
    slack.unready = 2
    sent = await sink.send(delivery(OPENED), None)
    assert image_of(slack) is None
    assert outcomes == [ChartOutcome.UPLOADED, ChartOutcome.REFUSED]

    await sink.send(delivery(later(OPENED, at=OPENED.at + timedelta(hours=1))), sent)

    assert slack.shown() == list(slack.files) == [sent.ref["chart_file"]]


async def test_blocks_that_are_wrong_without_a_picture_too_are_refused(sink: SlackSink, slack: SlackFake) -> None:
    """Leaving it out is tried once, and hides no mistake of ours."""
    slack.deny["chat.postMessage"] = "invalid_blocks"

    with pytest.raises(Exception, match="invalid_blocks"):
        await sink.send(delivery(OPENED), None)

    assert slack.methods().count("chat.postMessage") == 2


async def test_another_attempt_does_not_upload_again(sink: SlackSink, slack: SlackFake, clock: HandClock) -> None:
    """The post failed after the upload."""
    failed = iter(["internal_error", "internal_error"])
    slack.refuse = lambda method, _arguments: next(failed, "") if method == "chat.postMessage" else ""

    outcome = await deliver(sink, delivery(OPENED), None, patience=clock.patience())

    assert isinstance(outcome, Delivered)
    assert len(slack.files) == len(slack.shown()) == 1


async def test_a_process_that_died_leaves_a_file_that_nobody_sees(slack: SlackFake, clock: HandClock) -> None:
    """The next one finds the card and shows a file of its own on it."""

    async def send(**settings: Any) -> Sent:
        sink = slack_sink(slack.url, clock)
        await sink.start()
        sent = await sink.send(delivery(OPENED), None, **settings)
        await sink.stop()
        return sent

    await send()
    sent = await send(redelivered=True)

    assert len(slack.cards()) == 1
    assert slack.shown() == [sent.ref["chart_file"]]
    assert len(slack.files) == 2


async def test_charts_can_be_turned_off(slack: SlackFake, clock: HandClock) -> None:
    """A card is a card without them, and one that had a chart loses it at its next edit."""
    on, off = slack_sink(slack.url, clock), slack_sink(slack.url, clock, charts=False)
    for sink in (on, off):
        await sink.start()
    sent = await on.send(delivery(OPENED), None)

    await off.send(delivery(later(OPENED)), sent)
    for sink in (on, off):
        await sink.stop()

    assert slack.shown() == []
    assert slack.methods().count(UPLOAD[0]) == 1


async def test_the_token_goes_nowhere_but_to_slack(slack: SlackFake, clock: HandClock) -> None:
    """An address that is not https is not used; the fake refuses bytes that come with a token."""
    sink = slack_sink(slack.url, clock)
    await sink.start()
    original = slack._answer

    def elsewhere(method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = original(method, arguments)
        return answer | {"upload_url": "http://files.example/1"} if "upload_url" in answer else answer

    slack._answer = elsewhere  # type: ignore[method-assign]
    await sink.send(delivery(OPENED), None)
    await sink.stop()

    assert image_of(slack) is None
    assert UPLOAD[1] not in slack.methods()
