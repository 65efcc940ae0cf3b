"""The card in a terminal of 80 columns: a box where there is a terminal, plain lines where there is none. Pure."""

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from signals.domain.reasons import Severity
from signals.sinks.card import Card, Fact
from signals.sinks.chart.sparkline import sparkline
from signals.sinks.spans import Anchor, Line, Person, Words, plain
from signals.sinks.thread import Reply

WIDTH = 80

_ACCENT: dict[Severity, str] = {
    Severity.INFO: "grey50",
    Severity.NOTICE: "cyan",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
}
_QUIET = "grey58"


def draw_card(card: Card, *, severity: Severity, title: str, boxed: bool) -> RenderableType:
    """Return the whole card; *title* says where it goes, such as ``slack #am-alerts``."""
    body = Group(*_parts(card, boxed=boxed))
    if not boxed:
        return Group(Text(f"[{title}]", style=_QUIET), Padding(body, (0, 0, 1, 2)))
    return Panel(
        body,
        title=Text(title, style=_QUIET),
        title_align="left",
        border_style=_ACCENT[severity],
        width=WIDTH,
        padding=(0, 1),
    )


def draw_reply(card: Card, reply: Reply, *, title: str) -> RenderableType:
    """Return a step in the thread: the headline for orientation, then the reply's lines."""
    rows: list[RenderableType] = [Text.assemble((f"[{title}] ", _QUIET), _line(card.headline))]
    rows.extend(Padding(Text("↳ ", style=_QUIET) + _line(line), (0, 0, 0, 2)) for line in reply.lines)
    return Padding(Group(*rows), (0, 0, 1, 0))


def _parts(card: Card, *, boxed: bool) -> list[RenderableType]:
    parts: list[RenderableType] = [_line(card.headline)]
    if card.resolved:
        parts.append(Text(card.resolution))
    else:
        parts.append(_joined(card.status))
        if card.facts:
            parts.extend(("", _facts(card.facts)))
        if card.why_now or card.next_step:
            parts.append("")
        if card.why_now:
            parts.append(Text(card.why_now))
        if card.next_step:
            parts.append(Text.assemble(("Next step: ", "bold"), card.next_step))
        parts.extend(Text.assemble(("Also: ", "bold"), one) for one in card.also)
        if card.chart is not None:
            parts.extend(("", Text(sparkline(card.chart, WIDTH - 4), style=_QUIET)))
        if card.buttons:
            parts.append("")
            parts.extend(_button(link.label, link.url, boxed=boxed) for link in card.buttons)
    if not card.resolved:
        parts.append("")
    footer = _joined(card.footer)
    # A command that is broken over two lines cannot be copied.
    parts.extend([footer] if footer.cell_len <= WIDTH - 4 else [_line(line, style=_QUIET) for line in card.footer])
    return parts


def _facts(facts: tuple[Fact, ...]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(max_width=30)
    table.add_column()
    for fact in facts:
        value = Text.assemble((plain(fact.value), "bold"))
        if fact.context:
            value.append(f"  {fact.context}", style=_QUIET)
        table.add_row(Text(fact.label), value)
    return table


def _button(label: str, url: str, *, boxed: bool) -> Text:
    """Return a link: clickable where there is a terminal, its address in full where there is none."""
    if not boxed:
        return Text(f"{label}: {url}", overflow="fold")
    room = WIDTH - 8 - cell_len(label)
    shown = url if cell_len(url) <= room else url[: max(room - 1, 10)] + "…"
    return Text.assemble((label, "bold"), "  ", (shown, f"{_QUIET} link {url}"))


def _joined(lines: tuple[Line, ...]) -> Text:
    return Text(" · ", style=_QUIET).join(_line(line, style=_QUIET) for line in lines)


def _line(line: Line, *, style: str = "") -> Text:
    text = Text(style=style)
    for span in line:
        shown, look = plain((span,)), ""
        match span:
            case Words(strong=True) | Anchor(strong=True):
                look = "bold"
            case Words(code=True):
                look = "cyan"
            case Person(tag=True):
                # An address as a name has its own @ already.
                shown, look = shown if "@" in shown else f"@{shown}", "bold cyan"
            case _:
                pass
        text.append(shown, style=look)
    return text
