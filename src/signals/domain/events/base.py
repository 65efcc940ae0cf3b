"""What every canonical event has, and the field types they share."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

OrgId = Annotated[str, Meta(min_length=1, max_length=200, description="Organization id; equals the Kafka key.")]
Instant = Annotated[datetime, Meta(tz=True, description="Instant with a time zone, ISO 8601.")]
Day = Annotated[date, Meta(description="Calendar day in the business zone, YYYY-MM-DD.")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=2000)]
OurRole = Literal["TAM", "CSM", "CSE", "AE", "TAE", "BDR", "Onboarding", "other"]
"""What somebody of ours does."""
Money = Annotated[
    Decimal,
    Meta(
        description="Amount in US dollars; a JSON string keeps it exact.",
        extra_json_schema={"x-unit": "USD", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["12.50"]},
    ),
]
Share = Annotated[
    Decimal,
    Meta(
        description="A part of one, such as 0.25; a JSON string keeps it exact.",
        extra_json_schema={"x-unit": "share", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["0.25"]},
    ),
]
Count = Annotated[int, Meta(ge=0, le=10**15, extra_json_schema={"x-unit": "count"})]


PLACES = 12
"""Decimal places an amount may have: Stripe's finest unit prices have twelve."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", gc=False):
    """One thing that happened to one organization.

    ``at`` is event time. ``id`` is the natural key of a moment (a Stripe event id, say); within the admission
    window a second event with the same ``id`` is the same moment posted twice.
    """

    org_id: OrgId
    at: Instant
    v: Annotated[int, Meta(ge=1, le=1, description="Schema version.")] = 1
    id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None

    def __post_init__(self) -> None:
        """Refuse what the type system lets through: org ids of blanks, times far off.

        Raises
        ------
        ValueError
            With the field's name and its value; msgspec reports it with the path.
        """
        if not self.org_id.strip():
            raise ValueError("org_id must not be blank")
        if not 2000 <= self.at.year <= 9000:
            raise ValueError(f"at must lie between the years 2000 and 9000, got {self.at.isoformat()}")


class Priced(Event, frozen=True, kw_only=True):
    """An event with amounts, by themselves or in a dictionary: base of every class that has a ``Money`` field.

    Most kinds have none, and looking through the fields of every event took longer than parsing it.
    """

    def __post_init__(self) -> None:
        """Refuse NaN and infinite amounts, too.

        Raises
        ------
        ValueError
            As for every event.
        """
        Event.__post_init__(self)
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if type(value) is Decimal:
                require_money(name, value)
            elif type(value) is dict:
                for key, item in value.items():
                    if type(item) is Decimal:
                        require_money(f"{name}.{key}", item)


def require_money(name: str, value: Decimal) -> None:
    """Raise ``ValueError`` unless *value* is a finite amount below 10^12 dollars with at most 12 decimal places.

    The exponent is bounded because writing out ``1E-999999`` would fill the memory of whoever formats it.
    """
    text = str(value)  # never long: a large exponent is written as one
    if len(text) <= PLACES and value.is_finite() and "E" not in text:
        return  # digits and a point, at most twelve in all; the checks below take five times as long
    if not value.is_finite() or abs(value) >= 10**12:
        raise ValueError(f"{name} must be a finite amount below 10^12, got {value}")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not -PLACES <= exponent <= PLACES:
        raise ValueError(f"{name} must have at most {PLACES} decimal places, got {value}")
