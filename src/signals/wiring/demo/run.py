"""Runs the demo: start, tell, wait until everything is through, sum up, stop."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from signals.domain.errors import SignalsError
from signals.ingest.produce import produce
from signals.settings.load import Configuration, load_configuration
from signals.wiring.demo.figures import Progress, read_figures
from signals.wiring.demo.screen import Screen, closing_table
from signals.wiring.demo.story import Story
from signals.wiring.installation import Installation

SETTINGS = """\
kafka: {partitions: 16}
time: {source: input, flush: 1s}
http: {port: 0}
logging: {level: warning}
sinks: {terminal: {cards: first_of_rule}}
"""
"""A history drives the clock, any free port for the page, and only the first card of each rule whole.

Four months pass in a bit over a minute: with the usual flush every event would be an update of its own, and the table's
changelog, which holds each account after each update, outgrow the 5 MB a partition that the embedded broker keeps.
"""

TELLING = timedelta(seconds=90)
# Long enough to read along, short enough for a demo that ends within three minutes on a slow machine.
THROUGH_WITHIN = timedelta(seconds=60)
# What is still on its way when the last event is sent: less than a second's worth, unless the machine is overloaded.
LOOK_S = 0.3


class DemoFailed(SignalsError):
    """The demo did not get through; says how far it came."""


async def run_demo(console: Console, *, preset: str = "demo", telling: timedelta = TELLING) -> None:
    """Show the main job and return when it is over; everything started is stopped, also when cancelled.

    Raises
    ------
    DemoFailed
        Events were still on their way after ``THROUGH_WITHIN``.
    InstallationFailed
        A role ended.
    """
    with tempfile.TemporaryDirectory(prefix="signals-demo-") as folder:
        file = Path(folder) / "signals.yaml"
        file.write_text(SETTINGS, encoding="utf-8")
        await _Demo(console, load_configuration(file, {}), preset, telling).run()


def child_environment(console: Console, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the children's environment: they write to a pipe, but should draw as for our terminal.

    Nothing of the user's own settings or secrets is in it: a demo must not post into a real Slack.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("SIGNALS_")}
    kept |= {"PYTHONUNBUFFERED": "1", "COLUMNS": str(console.width)}
    if console.is_terminal:
        kept |= {"FORCE_COLOR": "1", "TERM": environ.get("TERM", "xterm-256color")}
    return kept


class _Demo:
    """One run. ``phase`` is what the progress line begins with."""

    def __init__(self, console: Console, configuration: Configuration, preset: str, telling: timedelta) -> None:
        self._console, self._configuration, self._telling = console, configuration, telling
        self._story = Story(preset, configuration.settings.kafka.partitions)
        self._phase = "starting a broker and three roles"
        self._began = time.monotonic()

    async def run(self) -> None:
        async with Screen(self._console, self._progress) as screen:
            screen.say("signals: a simulated company, on this machine only", "bold")
            preparing = asyncio.create_task(asyncio.to_thread(self._story.prepare))
            read, write = os.pipe()
            cards = asyncio.create_task(screen.copy(read))
            environ = child_environment(self._console, os.environ)
            installation = Installation(self._configuration, environ, {"deliver": write}, restart=False)
            try:
                async with contextlib.AsyncExitStack() as stack:
                    stack.callback(cards.cancel)
                    with contextlib.closing(_Descriptor(write)):  # the child has its own; ours would keep it open
                        await stack.enter_async_context(installation)
                    await preparing
                    watching = asyncio.create_task(installation.watch())
                    telling = asyncio.create_task(self._tell(installation, screen))
                    await asyncio.wait({watching, telling}, return_when=asyncio.FIRST_COMPLETED)
                    if not telling.done():
                        telling.cancel()
                        watching.result()
                    took = telling.result()
                    watching.cancel()
                    await asyncio.gather(watching, return_exceptions=True)
                    table = await self._sum_up(installation, cards, took)
            finally:
                preparing.cancel()
        self._console.print(table)
        self._console.print(f"\nover after {self._seconds():.0f} s; everything is stopped, nothing is left running")

    async def _tell(self, installation: Installation, screen: Screen) -> timedelta:
        """Produce the story at a readable pace, wait until all of it is through, and return how long that took."""
        story = self._story
        screen.say(
            f"topics at {installation.bootstrap} (any Kafka client: kcat -L -b {installation.bootstrap})", "cyan"
        )
        screen.say(f"metrics at {installation.health.url}/metrics", "cyan")
        screen.say(
            f"{story.accounts} accounts, {len(story.lines):,} events, {story.planted} findings planted\n", "cyan"
        )
        self._phase = "telling"
        began = time.monotonic()
        rate = len(story.lines) / self._telling.total_seconds()
        await produce(story.records(), bootstrap=installation.bootstrap, topics=installation.topics, rate=rate)
        self._phase = "waiting for the last cards"
        progress = Progress(installation.bootstrap, installation.topics)
        await progress.start()
        try:
            deadline = time.monotonic() + THROUGH_WITHIN.total_seconds()
            while behind := await progress.behind():
                if time.monotonic() > deadline:
                    within = THROUGH_WITHIN.total_seconds()
                    raise DemoFailed(f"{behind:,} records are still on their way after {within:g} s")
                await asyncio.sleep(LOOK_S)
        finally:
            await progress.stop()
        return timedelta(seconds=time.monotonic() - began)

    async def _sum_up(self, installation: Installation, cards: "asyncio.Task[None]", took: timedelta) -> Table:
        self._phase = "summing up"
        async with aiohttp.ClientSession() as session:
            await installation.scraper.look(session)
        pages = dict(installation.scraper.pages)
        await installation.stop_role("deliver")
        await cards  # ends with the role that wrote them
        figures = await read_figures(installation.bootstrap, installation.topics, pages)
        return closing_table(figures, took=took, events=len(self._story.lines))

    def _progress(self) -> str:
        story = self._story
        share = story.told / len(story.lines) if story.lines else 0.0
        at = f"{story.at:%Y-%m-%d}" if story.at else "----------"
        return (
            f" {self._seconds():3.0f} s  {self._phase}: {at}  {story.told:,} of {len(story.lines):,} events"
            f" ({share:.0%})  Ctrl-C stops it "
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._began


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def close(self) -> None:
        os.close(self._number)
