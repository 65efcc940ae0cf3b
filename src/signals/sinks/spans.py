"""The smallest parts of a card's text, free of any medium: each sink draws a span in its own way."""

from datetime import date, datetime
from typing import assert_never

import msgspec

from signals.sinks.wording import day_words, instant_words


class Words(msgspec.Struct, frozen=True, kw_only=True, tag="words", omit_defaults=True):
    """Plain text, already cleaned; the sink escapes it."""

    text: str
    strong: bool = False
    code: bool = False


class Day(msgspec.Struct, frozen=True, kw_only=True, tag="day"):
    """A calendar day, the same everywhere on earth."""

    day: date


class Moment(msgspec.Struct, frozen=True, kw_only=True, tag="moment"):
    """An instant, shown in the reader's own zone where the medium can."""

    at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True, tag="person", omit_defaults=True):
    """Somebody known to us by an id or role; *tag* asks the medium to notify them."""

    key: str
    name: str
    tag: bool = False


class Anchor(msgspec.Struct, frozen=True, kw_only=True, tag="anchor", omit_defaults=True):
    """Text that leads to an address, which was checked to be http(s)."""

    text: str
    url: str
    strong: bool = False


Span = Words | Day | Moment | Person | Anchor
Line = tuple[Span, ...]


def words(text: str, *, strong: bool = False) -> Line:
    """Return a line of one plain span."""
    return (Words(text=text, strong=strong),)


def plain(line: Line) -> str:
    """Return a line as plain text, for media without links, people or zones of their own.

    >>> plain((Words(text="until "), Day(day=date(2026, 3, 1))))
    'until 1 Mar 2026'
    """
    return "".join(_plain_span(span) for span in line)


def _plain_span(span: Span) -> str:
    match span:
        case Words() | Anchor():
            return span.text
        case Day():
            return day_words(span.day)
        case Moment():
            return instant_words(span.at)
        case Person():
            return span.name
        case _:
            assert_never(span)
