"""Durations as people write them: ``250ms``, ``10s``, ``15m``, ``48h``, ``7d``."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

VALID = "a number with ms, s, m, h or d, such as 250ms, 10s or 7d"

_PATTERN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def parse_duration(value: object) -> timedelta:
    """Return the duration that *value* says.

    Raises
    ------
    ValueError
        It is not a positive number directly followed by one of the units.

    Examples
    --------
    >>> parse_duration("1.5h")
    datetime.timedelta(seconds=5400)
    """
    if isinstance(value, timedelta):
        return value
    match = _PATTERN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; valid: {VALID}")
    return float(match[1]) * _UNIT[match[2]]


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
