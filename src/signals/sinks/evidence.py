"""Evidence as a reader sees it: values in words, dates with their distance, each against its threshold."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from signals.domain.signal import Evidence, Transition
from signals.sinks.safety import clean
from signals.sinks.spans import Day, Line, Moment, Words
from signals.sinks.wording import MEASURES, as_decimal, as_words, day_words, relative_day, relative_instant

UNKNOWN = "unknown"
_WORDS = {"true": "yes", "false": "no", UNKNOWN: "not known", "none": "none", "": "not known"}
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")
# A value such as changed_role, alone or in a list, is a name of ours; ids of other systems hold figures or capitals and
# stay.
_STEPS = (Decimal(1), Decimal("1.25"), Decimal("1.5"), Decimal(2), Decimal(3), Decimal(5), Decimal("7.5"))
_DAY_STEPS = (0, 3, 7, 14, 30, 60, 90, 180, 365)


def is_known(fact: Evidence) -> bool:
    """Whether the fact has a value to show."""
    return fact.value not in (UNKNOWN, "")


def ordered(facts: Iterable[Evidence]) -> list[Evidence]:
    """Return the decisive fact first, then known ones as the rule lists them; unknown ones are left out."""
    known = [fact for fact in facts if is_known(fact)]
    return sorted(known, key=lambda fact: not fact.decisive)


def value_line(fact: Evidence, now: datetime) -> Line:
    """Return the value in words; days and instants carry how far they are from *now* (the transition's time).

    They are known by their form, since a rule need not name the unit of a fact that can only be a date.
    """
    if (day := as_day(fact.value)) is not None:
        return (Day(day=day), Words(text=f" ({relative_day(day, now.date())})"))
    if (at := as_instant(fact.value)) is not None:
        return (Moment(at=at), Words(text=f" ({relative_instant(at, now)})"))
    return (Words(text=_number_words(fact.value, fact.unit, exact=looks_like_threshold(fact))),)


def context_words(fact: Evidence) -> str:
    """Return window and threshold in a few words, as ``last 28 days, threshold 30 %``; empty when neither is known.

    The window is left out when the label already names it.
    """
    parts = []
    if fact.window and not _names_window(fact):
        parts.append(clean(fact.window))
    if fact.threshold and fact.threshold not in (UNKNOWN, fact.value if as_decimal(fact.value) is None else None):
        parts.append(f"threshold {threshold_words(fact)}")
    return ", ".join(parts)


def threshold_words(fact: Evidence) -> str:
    """Return the threshold in the unit of the value; a unit that is only a word is not said twice."""
    if (day := as_day(fact.threshold)) is not None:
        return day_words(day)
    # A date is held against a number of days: 14 days of silence, 90 days to the renewal.
    is_date = as_day(fact.value) is not None or as_instant(fact.value) is not None
    unit = "days" if is_date else fact.unit if fact.unit in MEASURES else ""
    return _number_words(fact.threshold, unit, exact=looks_like_threshold(fact))


def looks_like_threshold(fact: Evidence) -> bool:
    """Whether rounding would make the value read like its threshold although they differ."""
    value, threshold = as_decimal(fact.value), as_decimal(fact.threshold)
    if value is None or threshold is None or value == threshold:
        return False
    return as_words(value, fact.unit) == as_words(threshold, fact.unit)


def decisive_band(transition: Transition) -> str:
    """Return a coarse class of the decisive number: an update within the same class is not worth a line.

    Steps are our own choice: 1, 1.25, 1.5, 2, 3, 5, 7.5 in each power of ten for amounts and counts; ten points for
    shares; 0, 3, 7, 14, 30, 60, 90, 180 and 365 days for spans and for the distance of a date. A ladder's step
    (``say``) is part of the class.
    """
    fact = next((fact for fact in transition.evidence if fact.decisive), None)
    if fact is None:
        return transition.say
    return f"{transition.say}|{fact.name}|{_band(fact, transition.at)}"


def as_day(text: str) -> date | None:
    """Return the day that *text* writes as ``YYYY-MM-DD``, or None; other ISO 8601 forms look like numbers."""
    if len(text) != len("2026-03-01") or text[4] != "-":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_instant(text: str) -> datetime | None:
    """Return the ISO 8601 instant that *text* writes, or None; one without a zone is not an instant."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number_words(text: str, unit: str, *, exact: bool) -> str:
    value = as_decimal(text)
    if value is None:
        shown = ", ".join(part.replace("_", " ") if _NAME.fullmatch(part) else part for part in text.split(", "))
        return _WORDS.get(text) or clean(shown) or _WORDS[UNKNOWN]
    return clean(as_words(value, unit, exact=exact))


def _names_window(fact: Evidence) -> bool:
    """Whether label and window hold the same number of days, so that one of them is enough."""
    figures = {word for word in fact.window.split() if word.isdigit()}
    return bool(figures) and figures <= set(fact.label.split())


def _band(fact: Evidence, now: datetime) -> str:
    if not is_known(fact):
        return UNKNOWN
    if (day := as_day(fact.value)) is not None:
        return _day_band((day - now.date()).days)
    if (at := as_instant(fact.value)) is not None:
        return _day_band((at - now).days)
    value = as_decimal(fact.value)
    if value is None:
        return fact.value
    if fact.unit == "days":
        return _day_band(int(value))
    if fact.unit in ("share", "change"):
        return str(int((value * 10).to_integral_value(rounding="ROUND_FLOOR")))
    return _size_band(value)


def _day_band(days: int) -> str:
    if days < 0:
        return "-" + _day_band(-days)
    return str(max(step for step in _DAY_STEPS if step <= days))


def _size_band(value: Decimal) -> str:
    if value == 0:
        return "0"
    size = abs(value)
    power = size.adjusted()
    step = max(step for step in _STEPS if step <= size.scaleb(-power))
    return f"{'-' if value < 0 else ''}{step}e{power}"
