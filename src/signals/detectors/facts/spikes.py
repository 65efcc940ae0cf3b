"""Facts that tell a spike from a plan: the mix of events, declared changes of usage, products as they begin."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from signals.detectors.facts.customer import CHANGE_NOTES
from signals.detectors.facts.windows import Series, last_reported
from signals.detectors.language.classes import Fields
from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily, month_start
from signals.domain.account.relationship import Note
from signals.domain.account.usage import TOTAL

MIX_WITNESS = 28
"""Days a source must have sent the mix of events before a usual day of one event type is known."""


class Named(Series):
    """A series of one event type or signature."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """The event as the customer calls it."""
        return self.name.removeprefix("mix:")


def _mix(which: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        mix, last = look.moment.state.mix, last_reported(look)
        if mix.since is None or last is None or mix.since > last - MIX_WITNESS:
            return UNKNOWN
        return tuple(Named(f"mix:{name}", daily) for name, daily in getattr(mix, which).items())

    return get


class ProductSeries(Series):
    """A product's daily series, with when it was first used or switched on."""

    __slots__ = ("beside", "first_at")

    def __init__(self, name: str, daily: Daily, first_at: datetime | None, beside: int) -> None:
        super().__init__(name, daily)
        self.first_at, self.beside = first_at, beside


def _seen(look: Look) -> tuple[ProductSeries, ...]:
    days, first = look.moment.state.usage.days, look.moment.state.intents.first_use
    names = sorted({*days, *first} - {TOTAL})
    return tuple(
        ProductSeries(
            name, days.get(name, Daily()), first[name].at if name in first else None, len({*days} - {TOTAL, name})
        )
        for name in names
    )


class ChangeView:
    """A declared change of usage: an import, a load test."""

    __slots__ = ("category", "from_on", "key", "noted_at", "over", "until_on")

    def __init__(self, note: Note, today: date) -> None:
        self.category, self.from_on, self.until_on, self.noted_at = note.category, note.from_on, note.until_on, note.at
        last = note.until_on or note.from_on
        self.over = last is not None and last < today
        self.key = f"{note.category} {note.from_on or note.until_on}"


PLANNED = frozenset({"import", "load_test"})


def _planned(look: Look) -> tuple[ChangeView, ...]:
    notes = look.moment.state.relationship.notes
    planned = [one for one in notes if one.category in PLANNED and (one.from_on or one.until_on)]
    newest = {(one.category, one.from_on or one.until_on): one for one in planned}
    return tuple(ChangeView(one, look.today) for one in newest.values())


def _overlaps(look: Look, first: date, last: date) -> bool:
    """Say whether a dated note of a declared change covers some day of a span."""
    return any(
        (note.from_on is None or note.from_on <= last) and (note.until_on is None or first <= note.until_on)
        for note in look.moment.state.relationship.notes
        if note.category in CHANGE_NOTES and (note.from_on is not None or note.until_on is not None)
    )


def change_noted(look: Look, window: timedelta) -> bool:
    """Return whether a declared change of usage covers some day of the last *window* days, today included."""
    return _overlaps(look, look.today - window + timedelta(days=1), look.today)


def change_noted_in_month(look: Look, first: date) -> bool:
    """Return whether a declared change of usage covers some day of the month that begins on a day."""
    return _overlaps(look, first, month_start(12 * first.year + first.month) - timedelta(days=1))


def _active_at(look: Look) -> datetime | None:
    """Return the last sign of us and the customer having to do with each other, null when there is none."""
    state = look.moment.state.relationship
    moments = [state.inbound_at, state.outbound_at, state.two_way_at, state.channel_message_at]
    moments += [note.at for note in state.notes]
    moments += [one.opened_at for one in state.tickets.values()] + [one.solved_at for one in state.tickets.values()]
    moments += [one.at for one in state.opportunities.values()]
    return max((at for at in moments if at is not None), default=None)


def _month(look: Look) -> date:
    return look.today.replace(day=1)


_SERIES = {"name": Kind.TEXT, "label": Kind.TEXT, "series": Kind.SERIES}
_SIGNATURES = Fields(_SERIES, free_text=("name", "label"))
# A property value may be anything: an address, a name, a path.
_USAGE = ("usage.days", "usage.reported")
_TALKS = tuple(f"relationship.{name}" for name in (
    "inbound_at", "outbound_at", "two_way_at", "channel_message_at", "notes", "tickets", "opportunities",
))  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("usage.event_types", Kind.LIST, _mix("types"), "mix.types", "mix.since", "usage.reported", daily=True,
         fields=_SERIES, doc="The biggest event types, each a daily series; known once they were sent for 28 days."),
    fact("usage.signatures", Kind.LIST, _mix("signatures"), "mix.signatures", "mix.since", "usage.reported", daily=True,
         fields=_SIGNATURES, doc="The biggest events with one property value in common, each a daily series."),
    fact("products.seen", Kind.LIST, _seen, *_USAGE, "intents.first_use",
         fields={**_SERIES, "first_at": Kind.INSTANT, "beside": Kind.COUNT},
         doc="Products used or switched on, with their series, the first use and how many others are in use."),
    fact("changes.planned", Kind.LIST, _planned, "relationship.notes", daily=True,
         elements_from=("relationship.notes",),
         fields={"category": Kind.TEXT, "from_on": Kind.DATE, "until_on": Kind.DATE, "noted_at": Kind.INSTANT,
                 "over": Kind.BOOL, "key": Kind.TEXT},
         doc="Imports and load tests that dated notes announce; over from the day after the last day."),
    fact("month.first_on", Kind.DATE, _month, "profile.created_at", daily=True,
         calendar=True, doc="First day of the running month."),
    fact("crm.active_at", Kind.INSTANT, _active_at, *_TALKS,
         doc="Last note, conversation, ticket or change of an opportunity; null when there was none.",
         label="Last activity in the CRM"),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    Function(name="change_noted", takes=(Kind.DURATION,), gives=Kind.BOOL, call=change_noted, daily=True,
             doc=change_noted.__doc__ or "", state=frozenset({"relationship.notes"})),
    Function(name="change_noted_in_month", takes=(Kind.DATE,), gives=Kind.BOOL, call=change_noted_in_month, daily=True,
             doc=change_noted_in_month.__doc__ or "", state=frozenset({"relationship.notes"})),
)  # fmt: skip
