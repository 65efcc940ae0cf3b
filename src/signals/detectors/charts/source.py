"""What a chart's provider is, and what a rule holds that names one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from signals.detectors.facts.windows import Series
from signals.detectors.language.expression import Expression
from signals.detectors.language.template import Template
from signals.detectors.moment import Look
from signals.domain.chart import Chart, Level, plotted


@dataclass(frozen=True)
class ChartSource:
    """A provider: ``draw`` is called when a signal of such a rule is told, never while rules are evaluated.

    ``draw`` gets the look and, for a chart of a series, that series; it returns the history and whatever is known to be
    expected or forecast, without a title, or None when there is too little to show.
    """

    name: str
    doc: str
    title: str
    """Template of the title, with ``{item}`` for the name of the element of ``each``."""
    draw: Callable[[Look, Series | None], Chart | None]
    series: Literal["", "usage.total", "item"] = ""
    """The series a rule need not name: a fact, or that of the element of ``each``; empty: it draws none."""
    needs: tuple[str, ...] = ()
    """Attributes the element of ``each`` must have."""


@dataclass(frozen=True, eq=False)
class ChartPlan:
    """A rule's chart, checked and compiled."""

    source: ChartSource
    title: Template
    series: Expression | None = None
    line: Expression | None = None
    """A number: what the series is held against."""
    line_label: str = ""

    def draw(self, look: Look, since: date) -> Chart | None:
        """Return the chart of the account as it is, with *since* marked as the day the finding began.

        What is sensitive in its title is marked (``domain.privacy``).
        """
        series = None if self.series is None else self.series.evaluate(look)
        if self.series is not None and not isinstance(series, Series):
            return None
        drawn = self.source.draw(look, series if isinstance(series, Series) else None)
        if drawn is None:
            return None
        level = None if self.line is None else self.line.evaluate(look)
        line = drawn.line
        if isinstance(level, int | Decimal) and not isinstance(level, bool):
            line = Level(plotted(level), self.line_label)
        began = (since - drawn.start).days
        return msgspec.structs.replace(
            drawn,
            title=self.title.render(look),
            line=line,
            began=min(began, drawn.last_day) if began >= 0 else None,
        )
