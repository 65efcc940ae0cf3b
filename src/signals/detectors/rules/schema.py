"""What may stand in a pack file: the shape and the words, before any expression is looked at.

A key that is not here is an error; so is a number without a unit. Expressions and templates are texts at this stage.
"""

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from signals.detectors.contract import Late, Once, RuleKind, SampleOf, Stage
from signals.detectors.language.names import ParamValue
from signals.domain.events.kinds import CLASS_OF
from signals.domain.reasons import FamilyName, Severity

_DURATION = re.compile(r"(-?\d+(?:\.\d+)?)\s*(min|h|d|days?|w|weeks?|hours?|minutes?)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_COUNTED = frozenset({"count", "months", "days", "weeks", "people", "reports"})
GUARDS = ("GX-C", "GX-E", "GX-E-renewal", "none")


def duration(text: str) -> timedelta | None:
    """Return ``28 d``, ``48 h``, ``2 weeks``, ``-14 d``, ``30 min`` as a duration; None for any other text.

    >>> duration("48 h"), duration("soon")
    (datetime.timedelta(days=2), None)
    """
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else _microseconds(Decimal(found[1]), found[2][0])


def _microseconds(number: Decimal, unit: str) -> timedelta:
    return timedelta(microseconds=round(number * (_UNITS[unit] // timedelta(microseconds=1))))


def _as_text(value: object) -> object:
    """``when: true`` and ``key: 0`` are expressions too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,63}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Expr = Annotated[str, BeforeValidator(_as_text), StringConstraints(min_length=1)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Span = Annotated[str, StringConstraints(min_length=1)]
"""A duration such as ``28 d``, or the name of a parameter that is one."""
Texts = Annotated[list[str], BeforeValidator(_as_list)]
EventKind = Annotated[str, StringConstraints(pattern="^(" + "|".join(sorted(CLASS_OF)) + ")$")]


class Model(BaseModel):
    """Refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ParamEntry(Model):
    """One parameter: value, unit and where it comes from."""

    value: bool | int | Decimal | list[str] | str
    unit: str = ""
    source: Literal["handbook", "proposed", "ours", "override"] = Field(alias="from")
    doc: str = ""

    def typed(self) -> ParamValue:
        """Return the value by its unit; raises ``ValueError`` when they do not go together."""
        value = self.value
        if isinstance(value, list):
            return frozenset(value)
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._from_text(value)
        if not self.unit:
            raise ValueError(f"the number {value} has no unit (USD, USD/month, share, count, months, ...; or '28 d')")
        return self._number(Decimal(value))

    def _from_text(self, value: str) -> ParamValue:
        span = duration(value)
        if span is not None and not self.unit:
            return span
        if not self.unit or self.unit == "text":
            return value
        try:
            return self._number(Decimal(value))
        except InvalidOperation:
            raise ValueError(f"{value!r} is no number of {self.unit}") from None

    def _number(self, value: Decimal) -> ParamValue:
        if self.unit not in _COUNTED:
            return value
        if value != value.to_integral_value():
            raise ValueError(f"{value} {self.unit}: whole numbers only")
        return int(value)


class SeverityEntry(Model):
    """``is`` when ``when`` holds; the last entry of a list says ``default``."""

    when: Expr | None = None
    severity: Severity | None = Field(None, alias="is")
    default: Severity | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "SeverityEntry":
        if (self.default is None) is (self.severity is None) or (self.when is None) is (self.default is None):
            raise ValueError("wants {when: ..., is: ...} or {default: ...}")
        return self


class EachEntry(Model):
    """The collection, the element's name, its key."""

    collection: Expr = Field(alias="in")
    name: Name = Field(alias="as")
    key: Expr


class StepEntry(Model):
    """One rung of a ladder."""

    at: Span
    say: Name
    severity: Severity | None = None
    source: str = Field("", alias="from")
    headline: Text | None = None
    next_step: Text | None = None


def _confirm(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"(\w+)\s+(reports|weeks|days)", value.strip())):
        return {"samples": int(found[1]) if found[1].isdigit() else found[1], "of": found[2]}
    return value


class ConfirmEntry(Model):
    """``2 reports``, or ``{samples: 2, of: reports}``; samples may be the name of a parameter."""

    samples: Annotated[int, Field(ge=1, le=400)] | Name
    of: SampleOf


class TagEntry(Model):
    """Roles to tag when a condition holds."""

    when: Expr
    roles: list[str]


class RouteEntry(Model):
    """Where findings go."""

    channel: str = ""
    sinks: list[Literal["slack", "crm", "webhook"]] = []
    also_tag: list[str | TagEntry] = []
    tag_owner: bool = True
    cc: Texts = []


class VariantEntry(Model):
    """What is different when ``when`` holds."""

    when: Expr
    name: Name
    severity: Severity | None = None
    family: FamilyName | None = None
    guards: Literal["GX-C", "GX-E", "GX-E-renewal", "none"] | None = None
    exempt: list[str] | None = None
    route: RouteEntry | None = None
    headline: Text | None = None
    why_now: Text | None = None
    next_step: Text | None = None


class WordsEntry(Model):
    """The texts of a card: templates, but ``decisive`` is the name of a line of evidence, or a template with braces."""

    headline: Text
    decisive: Text | None = None
    why_now: Text | None = None
    next_step: Text | None = None
    starter: Text | None = None
    resolved: Text | None = None


class EvidenceEntry(Model):
    """One line of evidence; ``name`` is a let, fact, parameter or attribute unless ``value`` says how to get it."""

    name: str
    value: Expr | None = None
    label: str = ""
    unit: str = ""
    window: str = ""
    threshold: str | None = None
    decisive: bool = False


def _chart(value: object) -> object:
    return {"of": value} if isinstance(value, str) else value


class ChartEntry(Model):
    """The chart on the card: a name of ``detectors.charts``, or that with what is to be different."""

    of: str
    series: Expr | None = None
    title: Text | None = None
    line: Expr | None = None
    """A number of the rule's that the series is held against."""
    line_label: Text | None = None


class RuleEntry(Model):
    """One rule as written, defaults and overrides already merged in."""

    id: Id
    title: Text
    kind: RuleKind
    family: FamilyName
    source: Text
    scope: Literal["account", "book", "all_accounts", "broadcast"] = "account"
    """What it is about: one account; a subject that stands for several, whose figures the role ``report`` tells."""
    doc: str = ""
    severity: Severity | list[SeverityEntry]
    stage: Stage = Stage.SHADOW
    params: dict[Name, ParamEntry] = {}
    let: dict[Name, Expr] = {}
    when: Expr | None = None
    clear: Expr | None = None
    again: Expr | None = None
    each: EachEntry | None = None
    on: Annotated[list[EventKind], BeforeValidator(_as_list)] = []
    key: Expr | None = None
    start: Expr | None = Field(None, alias="from")
    while_: Expr | None = Field(None, alias="while")
    steps: list[StepEntry] = []
    late: Late = "newest"
    hold: Span | None = None
    confirm: Annotated[ConfirmEntry | None, BeforeValidator(_confirm)] = None
    clear_hold: Span | None = None
    remind: Span | None = None
    cooldown: Span | None = None
    once: Once | None = None
    stale_after: Span | None = None
    expires_after: Span | None = None
    churn_level: Literal["A", "B"] | None = None
    guards: Literal["GX-C", "GX-E", "GX-E-renewal", "none"] = "none"
    exempt: list[Annotated[str, StringConstraints(pattern=r"^G\d{1,2}$")]] = []
    offers: Texts = []
    route: RouteEntry = RouteEntry()
    variants: list[VariantEntry] = []
    alias_of: Id | None = None
    tags: list[str] = []
    rank: int = 0
    section: int = 0
    text: WordsEntry
    value_at_stake: Expr | None = None
    evidence: list[EvidenceEntry] = []
    chart: Annotated[ChartEntry | None, BeforeValidator(_chart)] = None
    runbook: str = ""
    examples: list[dict[str, Any]] = []

    @model_validator(mode="after")
    def _fits_kind(self) -> "RuleEntry":
        wanted, foreign = _FIELDS_OF_KIND[self.kind]
        for name in wanted:
            if not getattr(self, name):
                raise ValueError(f"a rule of kind {self.kind} needs {_WRITTEN.get(name, name)}")
        for name in foreign:
            if getattr(self, name):
                raise ValueError(f"a rule of kind {self.kind} has no {_WRITTEN.get(name, name)}")
        return self

    @property
    def own_when(self) -> str | None:
        """``when``, but of an alias only where what it stands beside does not hold: one alert for two ids."""
        if self.alias_of is None or self.when is None:
            return self.when
        return f"({self.when}) and not default(signal('{self.alias_of}'), false)"


_WRITTEN = {"start": "from", "while_": "while"}
_LADDER = ("start", "while_", "steps")
_FIELDS_OF_KIND: dict[RuleKind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    RuleKind.LEVEL: (("when",), ("on", "key", "expires_after", "stale_after", *_LADDER)),
    RuleKind.EDGE: (("on",), ("each", "clear", "again", "confirm", "hold", "clear_hold", *_LADDER)),
    RuleKind.STEPS: (("start", "steps"), ("on", "key", "when", "again", "confirm", "hold")),
    RuleKind.REPORT: ((), ("on", "key", *_LADDER)),
}
"""Kind -> fields it needs, fields that mean nothing to it."""


class OverrideEntry(Model):
    """What a user's folder may change of a rule that exists."""

    params: dict[Name, bool | int | Decimal | list[str] | str] = {}
    stage: Stage | None = None
    severity: Severity | None = None
    route: RouteEntry | None = None
    hold: Span | None = None
    confirm: Annotated[ConfirmEntry | None, BeforeValidator(_confirm)] = None
    clear_hold: Span | None = None
    remind: Span | None = None
    cooldown: Span | None = None
    stale_after: Span | None = None
    expires_after: Span | None = None
    guards: Literal["GX-C", "GX-E", "GX-E-renewal", "none"] | None = None
    exempt: list[Annotated[str, StringConstraints(pattern=r"^G\d{1,2}$")]] | None = None
    runbook: str | None = None


class PackEntry(Model):
    """The keys of a pack file; rules are checked one by one afterwards, so that a fault in one hides no other."""

    family: FamilyName | None = None
    defaults: dict[str, Any] = {}
    templates: dict[str, dict[str, Any]] = {}
    """Name -> a rule with ``<column>`` in its texts; a rule with ``template`` and ``with`` is a row of that table."""
    rules: list[dict[str, Any]] = []
    overrides: dict[str, dict[str, Any]] = {}
