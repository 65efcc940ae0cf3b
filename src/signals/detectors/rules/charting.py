"""The chart a rule asks for: a provider by name, checked against what the rule looks at."""

from collections.abc import Callable, Mapping
from typing import Protocol

from signals.detectors.charts.source import ChartPlan, ChartSource
from signals.detectors.charts.table import CHARTS
from signals.detectors.language.expression import Expression
from signals.detectors.language.names import NUMBERS, Kind
from signals.detectors.language.template import Template
from signals.detectors.rules.problems import Problems
from signals.detectors.rules.schema import ChartEntry
from signals.detectors.rules.yaml_lines import Loc
from signals.domain.chart import LABEL

Item = tuple[str, Mapping[str, Kind]]


class Compile(Protocol):
    """Compiles an expression of the rule; None when it is wrong, which has been noted then."""

    def __call__(
        self, text: str, path: Loc, kinds: set[Kind] | frozenset[Kind] | None, *, opened: bool = False
    ) -> Expression | None:
        """Return the expression."""


def build_chart(
    entry: ChartEntry,
    item: Item | None,
    expression: Compile,
    template: Callable[[str | None, Loc], Template | None],
    where: Callable[[Loc], str],
    problems: Problems,
) -> ChartPlan | None:
    """Return the plan, or None when something is wrong with it; faults go to *problems*, with what would be valid."""
    source = CHARTS.get(entry.of)
    if source is None:
        problems.add(where(()), f"no chart {entry.of}", ", ".join(sorted(CHARTS)))
        return None
    missing = [name for name in source.needs if item is None or name not in item[1]]
    if missing:
        fitting = ", ".join(one.name for one in CHARTS.values() if not one.needs)
        problem = f"the chart {source.name} needs each, with {' and '.join(missing)} of its element"
        problems.add(where(()), problem, f"{fitting}; or each over something that has them")
        return None
    if entry.series is not None and not source.series:
        problems.add(where(("series",)), f"the chart {source.name} takes no series", "no series")
        return None
    if (entry.line is None) is not (entry.line_label is None) or len(entry.line_label or "") > LABEL:
        problems.add(
            where(()), "a line needs a label and a label a line", f"both, the label of at most {LABEL} characters"
        )
        return None
    title = template(entry.title or _title(source, item, entry.series), ("chart", "title"))
    text = entry.series or _series(source, item)
    series = None if text is None else expression(text, ("chart", "series"), {Kind.SERIES})
    line = None if entry.line is None else expression(entry.line, ("chart", "line"), NUMBERS, opened=True)
    if title is None or (text is not None and series is None) or (entry.line is not None and line is None):
        return None
    return ChartPlan(source, title, series, line, entry.line_label or "")


def _series(source: ChartSource, item: Item | None) -> str | None:
    if source.series == "item" and item is not None:
        return f"{item[0]}.series"
    return source.series or None


def _title(source: ChartSource, item: Item | None, series: str | None) -> str:
    if series is not None and not source.needs:
        return series.rpartition(".")[2].replace("_", " ") + ", a day"
    return source.title if item is None else source.title.replace("{item.", "{" + item[0] + ".")
