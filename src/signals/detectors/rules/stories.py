"""Reads the examples of a rule into ``story.Example``; the runner that plays them is elsewhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from signals.detectors.rules.schema import Model, Text, Texts
from signals.detectors.rules.story import Example, Expected, Happening, Verdict
from signals.domain.events.kinds import CLASS_OF
from signals.domain.reasons import Severity

Where = Callable[[tuple[str | int, ...]], str]

_VERDICTS: tuple[Verdict, ...] = ("fires", "near", "quiet")
_MOMENT = re.compile(r"(-?\d+|\d{4}-\d{2}-\d{2})(?:\s+(\d{2}:\d{2}(?::\d{2})?))?")
_RANGE = re.compile(r"(-?\d+|\d{4}-\d{2}-\d{2})\s*\.\.\s*(-?\d+|\d{4}-\d{2}-\d{2})")


class StoryFault(Exception):
    """One thing wrong with one example."""

    def __init__(self, where: str, problem: str, valid: str = "") -> None:
        self.where, self.problem, self.valid = where, problem, valid
        super().__init__(problem)


def _moment(value: object) -> object:
    """``14``, ``2026-03-01``, each with an optional ``09:30``, as (day, time)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, None)
    if isinstance(value, str) and (found := _MOMENT.fullmatch(value.strip())):
        return (_day(found[1]), time.fromisoformat(found[2]) if found[2] else None)
    raise ValueError("wants a day offset such as 14 or '14 09:30', or a date")


def _day(text: str) -> int | date:
    return date.fromisoformat(text) if text.count("-") == 2 and not text.startswith("-") else int(text)


def _clock(value: object) -> object:
    if isinstance(value, str):
        return time.fromisoformat(value)
    raise ValueError("wants a time such as '09:30'")


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


Moment = Annotated[tuple[int | date, time | None], BeforeValidator(_moment)]


class ExpectEntry(Model):
    """What must be true of one signal."""

    signal: str | None = None
    state: Literal["open", "held", "none", "resolved"]
    key: Annotated[str, BeforeValidator(_as_text)] | None = None
    severity: Severity | None = None
    guard: str | None = None
    on: Moment | None = None
    owner: str | None = None
    channel: str | None = None
    tagged: Texts | None = None
    variant: str | None = None
    says: dict[str, Annotated[str, BeforeValidator(_as_text)]] = {}


class ExampleEntry(Model):
    """One example as written; exactly one of fires, near and quiet is its title."""

    fires: Text | None = None
    near: Text | None = None
    quiet: Text | None = None
    story: list[dict[str, Any]] = Field(min_length=1)
    expect: Annotated[
        list[ExpectEntry], BeforeValidator(lambda value: [value] if isinstance(value, dict) else value)
    ] = []
    until: Moment | None = None
    because: str = ""
    unknown: Texts = []

    @model_validator(mode="after")
    def _one_verdict(self) -> "ExampleEntry":
        if sum(getattr(self, name) is not None for name in _VERDICTS) != 1:
            raise ValueError("wants exactly one of fires, near, quiet")
        return self


def read_example(raw: Mapping[str, Any], rule: str, where: Where) -> Example:
    """Return one example; raises ``StoryFault`` or pydantic's ``ValidationError``.

    Without ``expect``: a story that fires leaves the rule's signal open, any other leaves none.
    """
    entry = ExampleEntry.model_validate(raw)
    verdict = next(name for name in _VERDICTS if getattr(entry, name) is not None)
    story = tuple(
        happening
        for index, line in enumerate(entry.story)
        for happening in _happenings(line, lambda *path, index=index: where(("story", index, *path)))
    )
    expect = tuple(_expected(each, rule) for each in entry.expect)
    if not expect:
        expect = (Expected(signal=rule, state="open" if verdict == "fires" else "none"),)
    return Example(
        verdict=verdict,
        title=getattr(entry, verdict),
        story=story,
        expect=expect,
        until=entry.until[0] if entry.until else None,
        until_time=entry.until[1] if entry.until else None,
        because=entry.because,
        unknown=tuple(entry.unknown),
        where=where(()),
    )


def _expected(entry: ExpectEntry, rule: str) -> Expected:
    return Expected(
        signal=entry.signal or rule,
        state=entry.state,
        key=entry.key,
        severity=None if entry.severity is None else entry.severity.value,
        guard=entry.guard,
        on=entry.on[0] if entry.on else None,
        at=entry.on[1] if entry.on else None,
        owner=entry.owner,
        channel=entry.channel,
        tagged=None if entry.tagged is None else tuple(entry.tagged),
        variant=entry.variant,
        says=entry.says,
    )


def _happenings(line: Mapping[str, Any], where: Callable[..., str]) -> Iterator[Happening]:
    kinds = [key for key in line if key not in {"on", "days", "at"}]
    if ("on" in line) is ("days" in line) or not kinds:
        raise StoryFault(where(), "wants one of on and days, and an event", "{on: 3, invoice_paid: {...}}")
    first, last = _span(line, where)
    try:
        at = _clock(line["at"]) if "at" in line else None
    except ValueError as error:
        raise StoryFault(where("at"), str(error)) from None
    for kind in kinds:
        event = CLASS_OF.get(kind)
        if event is None:
            raise StoryFault(where(kind), f"unknown event kind {kind}", ", ".join(sorted(CLASS_OF)))
        fields = line[kind] or {}
        if not isinstance(fields, dict):
            raise StoryFault(where(kind), f"{kind} wants its fields", "{invoice_id: in_1, amount: '12.50'}")
        allowed = set(event.__struct_fields__) - {"org_id", "at"}
        for name in fields:
            if name not in allowed:
                raise StoryFault(where(kind, name), f"{kind} has no field {name}", ", ".join(sorted(allowed)))
        yield Happening(first, last, at if isinstance(at, time) else None, kind, fields, where())


def _span(line: Mapping[str, Any], where: Callable[..., str]) -> tuple[int | date, int | date]:
    key = "on" if "on" in line else "days"
    try:
        return _single(line[key]) if key == "on" else _range(line[key])
    except ValueError as error:
        raise StoryFault(where(key), str(error)) from None


def _single(value: object) -> tuple[int | date, int | date]:
    moment = _moment(value)
    if not isinstance(moment, tuple) or moment[1] is not None:
        raise ValueError("wants a day; the time goes into at")
    return moment[0], moment[0]


def _range(value: object) -> tuple[int | date, int | date]:
    found = _RANGE.fullmatch(str(value).strip())
    first, last = (_day(found[1]), _day(found[2])) if found else (1, 0)
    rising = (isinstance(first, int) and isinstance(last, int) and first <= last) or (
        isinstance(first, date) and isinstance(last, date) and first <= last
    )
    if not rising:
        raise ValueError("wants first..last such as '0..27', both offsets or both dates")
    return first, last
