"""What the commands of ``signals terms`` share: numbers from the command line, and an answer with its reasons."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import TypeVar

import click

from signals.detectors.discounts import percent

LARGEST = Decimal(10) ** 12
LARGEST_UNITS = 10**15
"""Units a month, as in events."""

FINEST = 6
"""Decimal places of a share: enough for a ten-thousandth of a percent, and what is divided by the rest stays finite."""

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Ours: contracts lie between, and the months beside a day within can still be reckoned."""

Value = TypeVar("Value")

_UNITS = re.compile(r"\d{1,3}(,\d{3})+|\d[\d_]*")


def dollars(amount: Decimal) -> str:
    """Return money with its cents, where there are any.

    >>> dollars(Decimal("21600.00")), dollars(Decimal("4166.67")), dollars(Decimal("8E+3"))
    ('$21,600', '$4,166.67', '$8,000')
    >>> dollars(Decimal(-8400))
    '-$8,400'
    """
    sign, size = "-" if amount < 0 else "", abs(amount)
    return f"{sign}${size:,.0f}" if size == size.to_integral_value() else f"{sign}${size:,.2f}"


class Money(click.ParamType):
    """Dollars, not below zero."""

    name = "dollars"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the amount, or fail with an example."""
        found = _decimal(str(value).removeprefix("$").replace(",", ""))
        if found is None or not 0 <= found < LARGEST:
            self.fail(f"{value!r} is no amount (valid: dollars from 0 on, such as 60000 or 1666.99)", param, ctx)
        return found


class Share(click.ParamType):
    """A share below one, as 0.2 or 20%."""

    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Return the share, or fail with an example."""
        text = str(value).strip()
        found = _decimal(text.removesuffix("%"))
        if found is not None and text.endswith("%"):
            found /= 100
        if found is None or not 0 <= found < 1 or round(found, FINEST) != found:
            self.fail(
                f"{value!r} is no share (valid: from 0 to below 1, such as 0.2 or 20%, {FINEST} places at most)",
                param,
                ctx,
            )
        return found


class Day(click.ParamType):
    """A calendar day."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with an example."""
        try:
            found = date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day (valid: such as 2026-10-15)", param, ctx)
        if not FIRST_DAY <= found <= LAST_DAY:
            self.fail(f"{value!r} is no day of a contract (valid: {FIRST_DAY} to {LAST_DAY})", param, ctx)
        return found


class Named(click.ParamType):
    """``PRODUCT=...``: the name, and what *read* makes of the rest."""

    name = "product=..."

    def __init__(self, read: Callable[[str], object], valid: str) -> None:
        self.read, self.valid = read, valid

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, object]:
        """Return name and value, or fail with an example."""
        name, _, rest = str(value).partition("=")
        try:
            return _required(name.strip()), self.read(_required(rest))
        except (ValueError, InvalidOperation):
            self.fail(f"{value!r} cannot be read (valid: {self.valid})", param, ctx)


def _required(text: str) -> str:
    if not text:
        raise ValueError("empty")
    return text


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def units(text: str) -> int:
    """Return one whole number of units; commas stand between thousands, as in money, and nowhere else.

    >>> units("900000"), units("1,000,000"), units("1_000_000")
    (900000, 1000000, 1000000)
    """
    if not _UNITS.fullmatch(text.strip()):
        raise ValueError("no whole number")
    found = int(text.replace(",", ""))
    if found > LARGEST_UNITS:
        raise ValueError("too many")
    return found


def each_once(option: str, given: Sequence[tuple[str, Value]]) -> dict[str, Value]:
    """Return name -> value; fail where a name is given twice, for one of the two would be forgotten."""
    found = dict(given)
    if len(found) < len(given):
        names = [name for name, _ in given]
        twice = next(name for name in names if names.count(name) > 1)
        raise click.BadParameter(f"{twice} is given {names.count(twice)} times (valid: once)", param_hint=option)
    return found


@dataclass(frozen=True)
class Told:
    """An answer, and each step that led to it with where the handbook says so."""

    answer: Mapping[str, Decimal | date | str | None]
    """Label -> amount, day, words; None: there is none. What is labelled ``discount`` is a share."""
    because: tuple[tuple[str, str], ...]
    """(step in words, catalogue section)."""

    def lines(self) -> list[str]:
        """Return the answer and its reasons as people read them."""
        wide = max(len(label) for label in self.answer)
        lines = [f"{label:{wide}}  {_words(label, value)}" for label, value in self.answer.items()]
        return [*lines, "", *(f"  {text} ({section})" for text, section in self.because)]

    def as_json(self) -> str:
        """Return the same for other programs; amounts and shares as text, so that no cent is lost."""
        answer = {
            label.replace(" ", "_"): value if value is None or isinstance(value, str) else str(value)
            for label, value in self.answer.items()
        }
        because = [{"says": text, "catalogue": section} for text, section in self.because]
        return json.dumps({"answer": answer, "because": because}, ensure_ascii=False, indent=1)


def _words(label: str, value: Decimal | date | str | None) -> str:
    if isinstance(value, Decimal):
        return percent(value) if label == "discount" else dollars(value)
    return "none" if value is None else str(value)


def telling(command: Callable[..., Told]) -> Callable[..., None]:
    """Return a command that prints what *command* tells, in words or with ``--json``."""

    @click.option("--json", "as_json", is_flag=True, help="One object, for other programs.")
    @wraps(command)
    def run(*arguments: object, as_json: bool, **options: object) -> None:
        told = command(*arguments, **options)
        click.echo(told.as_json() if as_json else "\n".join(told.lines()))

    return run
