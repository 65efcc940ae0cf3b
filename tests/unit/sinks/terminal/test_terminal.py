"""Cards and CRM lines in a terminal of 80 columns."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from signals.domain.reasons import Change, Severity
from signals.domain.signal import Transition
from signals.sinks.terminal.sink import TerminalCrm, TerminalSlack
from support.cards import APPEARANCE, NOW, delivery, every_sample, resolved, step, transition
from support.charts import charted


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    """Eighty columns, with or without a terminal behind them."""
    output = io.StringIO()
    return Console(file=output, width=80, force_terminal=terminal, color_system=None), output


@pytest.mark.parametrize("sample", every_sample().values(), ids=every_sample().keys())
async def test_every_card_fits_eighty_columns(sample: Transition) -> None:
    """Also with emoji, right-to-left names and long words: each line of the box is as wide as the box."""
    screen, output = console(terminal=True)
    await TerminalSlack(APPEARANCE, console=screen, clock=lambda: NOW).send(delivery(sample), None)

    widths = {cell_len(Text.from_ansi(line).plain) for line in output.getvalue().splitlines()}
    assert widths == {80}


async def test_without_a_terminal_there_are_no_boxes_and_no_escapes() -> None:
    """Plain lines that can be searched, addresses in full."""
    screen, output = console(terminal=False)
    await TerminalSlack(APPEARANCE, console=screen, clock=lambda: NOW).send(delivery(transition()), None)

    text = output.getvalue()
    assert "\x1b" not in text
    assert "│" not in text
    assert "https://app.example.com/organizations/org_acme/usage?range=30d&by=product" in text
    assert "Acme: usage fell by 38 % in four weeks" in text


async def test_later_steps_are_printed_as_their_thread_line() -> None:
    """What has been printed cannot be edited."""
    screen, output = console(terminal=False)
    sink = TerminalSlack(APPEARANCE, console=screen, clock=lambda: NOW)
    opened = transition()
    sent = await sink.send(delivery(opened), None)
    output.truncate(0)

    raised = step(opened, Change.ESCALATED, severity=Severity.CRITICAL, notify=True, decisive="−55 %")
    sent = await sink.send(delivery(raised), sent)
    sent = await sink.send(delivery(same := step(raised, Change.UPDATED)), sent)
    await sink.send(delivery(resolved(same)), sent)

    text = output.getvalue()
    assert "@Ada Lovelace Escalated from warning to critical: −55 %" in text
    assert "Resolved after 6 days: usage is back at 92 % of normal" in text
    assert text.count("[slack #account-signals]") == 2


async def test_the_crm_lines_tell_the_life_of_a_task() -> None:
    """Created, updated when something changed, completed."""
    screen, output = console(terminal=False)
    sink = TerminalCrm(APPEARANCE, console=screen, clock=lambda: NOW)
    opened = transition()
    sent = await sink.send(delivery(opened, "crm"), None)
    sent = await sink.send(delivery(step(opened, Change.UPDATED, at=opened.at), "crm"), sent)
    sent = await sink.send(delivery(raised := step(opened, Change.ESCALATED, why_now="More."), "crm"), sent)
    await sink.send(delivery(resolved(raised), "crm"), sent)

    lines = " ".join(output.getvalue().split())
    assert lines == (
        "CRM task created: Acme: usage fell by 38 % in four weeks (owner Ada Lovelace, due 2026-01-20, high) "
        "CRM task updated: Acme: usage fell by 38 % in four weeks (owner Ada Lovelace, due 2026-01-21, high) "
        "CRM task completed: Acme: usage fell by 38 % in four weeks"
    )


async def test_text_is_never_read_as_markup_of_the_terminal() -> None:
    """Square brackets and escapes in a name are letters."""
    screen, output = console(terminal=True)
    name = "[bold red]Acme[/] \x1b[2J"
    await TerminalSlack(APPEARANCE, console=screen, clock=lambda: NOW).send(
        delivery(transition(account_name=name, headline=f"{name}: fell")), None
    )

    assert "[bold red]Acme[/]" in output.getvalue()
    assert "\x1b[2J" not in output.getvalue()


@pytest.mark.parametrize("name", ["drop", "spike", "runway"])
async def test_a_chart_is_one_line_with_its_range(name: str) -> None:
    """Within the box; a resolved card has none."""
    screen, output = console(terminal=True)
    sink = TerminalSlack(APPEARANCE, console=screen, clock=lambda: NOW)

    await sink.send(delivery(charted(name)), None)

    (line,) = (line for line in output.getvalue().splitlines() if "█" in line)
    assert cell_len(line) == 80
    assert " to " in line or " between " in line
