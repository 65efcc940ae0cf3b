"""The chart of a card: a private file, drawn anew once a day at most, and never in the way of the card.

An upload that fails costs the card its chart and nothing else, and the next cards do not wait for it either. One whose
card was never recorded is left behind: a file that no message shows is seen by nobody.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import blake2b

import msgspec

from signals.domain.chart import Chart
from signals.domain.errors import Permanent, SinkError, Transient
from signals.domain.reasons import ChartOutcome, FailReason
from signals.domain.signal import Transition
from signals.sinks.chart.picture import draw_png
from signals.sinks.chart.words import chart_words
from signals.sinks.pacing import Pacer
from signals.sinks.safety import clean
from signals.sinks.slack.blocks import Picture
from signals.sinks.slack.calls import DELETING, SlackCalls
from signals.sinks.slack.config import SlackConfig

LOG = logging.getLogger(__name__)

UPLOADS = "uploads"
# The pacer's key that is held after a failure.

REST = timedelta(minutes=1)
"""After a failure that may pass nobody uploads for so long, or as long as Slack asks."""

LONG_REST = timedelta(hours=1)
"""After a refusal of who we are, such as a scope that is missing: somebody has to change something first."""

REMEMBERED = 64
# Uploads of deliveries under way; further attempts at one do not upload again.


class Charts:
    """Pictures of cards in one workspace. Re-entrant, as ``SlackSink`` is.

    Parameters
    ----------
    calls
        Started by its owner.
    pacer
        Shared with *calls*.
    counted
        Called with what became of each chart (for a metric).
    """

    def __init__(
        self, calls: SlackCalls, config: SlackConfig, *, pacer: Pacer, counted: Callable[[ChartOutcome], None]
    ) -> None:
        self._calls, self._config, self._pacer, self.counted = calls, config, pacer, counted
        self._made: dict[tuple[str, str], Picture] = {}

    async def picture(self, channel: str, transition: Transition, ref: Mapping[str, str]) -> Picture | None:
        """Return what the card is to show: a new picture, or the one in *ref* when that will do; None for none.

        Parameters
        ----------
        channel
            Where the card stands.
        transition
            Of an open signal.
        ref
            Of the last delivery there; empty for a new card.
        """
        before, chart = _remembered(ref), transition.chart
        if not self._config.charts:
            return None
        if chart is None:
            return before
        digest, day = _digest(chart), transition.at.date().isoformat()
        if before is not None and (before.digest == digest or before.day == day):
            return before
        key = (channel, transition.signal_id)
        made = self._made.get(key)
        if made is not None and made.digest == digest:
            return made
        file = await self._upload(chart, f"{transition.rule}.png")
        if not file:
            return before
        picture = Picture(file=file, alt=chart_words(chart), title=clean(chart.title), digest=digest, day=day)
        self._made[key] = picture
        while len(self._made) > REMEMBERED:
            self._made.pop(next(iter(self._made)))
        return picture

    def done(self, channel: str, signal_id: str) -> None:
        """Say that the delivery is over: what was uploaded for it is in its record."""
        self._made.pop((channel, signal_id), None)

    async def replaced(self, ref: Mapping[str, str], picture: Picture | None) -> None:
        """Delete the picture in *ref* when the card shows another now. One that cannot be deleted stays, unseen."""
        before = _remembered(ref)
        if before is None or picture is None or before.file == picture.file or not self._pacer.free(DELETING):
            return
        try:
            await self._calls.delete_file(before.file)
        except SinkError as fault:
            LOG.debug("a chart that was replaced stays: %s", fault)

    async def erase(self, ref: Mapping[str, str]) -> None:
        """Delete the picture in *ref*; raises ``Transient`` when that may work later."""
        if (before := _remembered(ref)) is None:
            return
        try:
            await self._calls.delete_file(before.file)
        except Permanent as refusal:
            LOG.warning("the chart of an erased card cannot be deleted: %s", refusal)

    async def _upload(self, chart: Chart, name: str) -> str:
        """Return the id of the file, empty when it could not be made."""
        if not self._pacer.free(UPLOADS):
            self.counted(ChartOutcome.FAILED)
            return ""
        try:
            async with asyncio.timeout(self._config.upload_within.total_seconds()):
                data = await asyncio.to_thread(draw_png, chart)
                file = await self._calls.upload(name, data)
        except TimeoutError:
            pause, text = REST, "it took too long"
        except Transient as fault:
            pause, text = max(fault.after, REST), str(fault)
        except Permanent as fault:
            pause, text = LONG_REST if fault.reason is FailReason.AUTH else REST, str(fault)
        else:
            self.counted(ChartOutcome.UPLOADED)
            return file
        self.counted(ChartOutcome.FAILED)
        self._pacer.hold(UPLOADS, pause)
        LOG.warning("cards go without charts for %s, an upload failed: %s", pause, text)
        return ""


def in_record(picture: Picture | None) -> dict[str, str]:
    """Return what ``Sent.ref`` holds of a picture, so that a later edit can show it again."""
    if picture is None:
        return {}
    return {f"chart_{name}": value for name, value in msgspec.structs.asdict(picture).items()}


def _remembered(ref: Mapping[str, str]) -> Picture | None:
    if "chart_file" not in ref:
        return None
    return Picture(**{name: ref.get(f"chart_{name}", "") for name in Picture.__struct_fields__})


def kept(ref: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a record that is about the picture."""
    return in_record(_remembered(ref))


def _digest(chart: Chart) -> str:
    return blake2b(msgspec.json.encode(chart), digest_size=8).hexdigest()
