"""The demo's screen: what scrolls by, one line of progress that stays, and the closing table."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from signals.wiring.demo.figures import Figures, percentile

PLAIN_EVERY_S = 5.0
# Without a terminal the progress is a line now and then, so that a log stays readable.
REFRESH_PER_S = 4


class Screen:
    """Writes to one console; ``async with`` shows the progress line while it lasts."""

    def __init__(self, console: Console, progress: Callable[[], str]) -> None:
        self._console, self._progress = console, progress
        self._live = Live(console=console, refresh_per_second=REFRESH_PER_S, get_renderable=self._line, transient=True)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Screen":
        """Show the line from now on."""
        if self._console.is_terminal:
            self._live.start()
        else:
            self._task = asyncio.create_task(self._plainly())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take the line away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        else:
            self._live.stop()

    def say(self, text: str, style: str = "") -> None:
        """Print a line of our own above the progress line."""
        self._console.print(Text(text, style=style))

    async def copy(self, descriptor: int) -> None:
        """Print what a child writes, line by line above the progress line, until it closes."""
        reader = asyncio.StreamReader(limit=1 << 20)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
        )
        try:
            while line := await reader.readline():
                self._console.print(Text.from_ansi(line.decode(errors="replace").rstrip("\n")), soft_wrap=True)
        finally:
            transport.close()

    def _line(self) -> Text:
        return Text(self._progress(), style="bold black on cyan", no_wrap=True, overflow="ellipsis")

    async def _plainly(self) -> None:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            self._console.print(Text(f"-- {self._progress()}"))


def closing_table(figures: Figures, *, took: timedelta, events: int) -> Table:
    """Return the summary of a run: *events* records in *took*."""
    table = Table(title="What happened", title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("events in", _counted(figures.events))
    table.add_row("engine", _listed(figures.engine))
    families = sorted({family for family, _ in figures.states})
    for number, family in enumerate(families):
        opened, resolved = figures.states[family, "open"], figures.states[family, "resolved"]
        table.add_row("signals" if number == 0 else "", f"{family:16} open {opened:3}   resolved {resolved:3}")
    table.add_row("transitions", _counted(figures.transitions))
    table.add_row("held back", _counted(figures.held))
    table.add_row("dead letters", _counted(figures.dead))
    delivered = Counter({f"{sink} {outcome}": count for (sink, outcome), count in figures.deliveries.items()})
    table.add_row("deliveries", _listed(delivered))
    table.add_row("throughput", f"{events / max(took.total_seconds(), 0.001):,.0f} events/s (paced to be watched)")
    middle, slow = percentile(figures.latencies, 0.5), percentile(figures.latencies, 0.99)
    if middle is not None and slow is not None:
        table.add_row(
            "event to card",
            f"p50 {middle.total_seconds():.2f} s, p99 {slow.total_seconds():.2f} s ({len(figures.latencies)} cards)",
        )
    return table


def _counted(counter: Counter[str]) -> str:
    return f"{counter.total():,}: {_listed(counter)}" if counter else "none"


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counter.most_common()) or "none"
