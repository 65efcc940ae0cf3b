"""Facts about how people work in the product: who analyses inside it, how concentrated that is, when anybody was in."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.facts.windows import witnessed
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.people import week_number
from signals.domain.account.reduce import RETURNED, SEEN_WEEKS

INSIGHTS = ("insight created", "insight viewed")
ANALYSING = (*INSIGHTS, "dashboard created", "dashboard viewed", "recording analyzed")
"""Creating or opening insights, dashboards or recordings (catalogue 1.5)."""

DAYS = 30
WEEKS_BACK = 8
"""As far back as weeks are kept of a person."""

TOP = 2
"""How many people usage may be concentrated in (proposed, catalogue 1.5)."""

WEEK, WEEKS = 7, 4
"""Closed weeks, Monday to Sunday, whose median says how many people are active in a week (ours)."""


def _doing(look: Look, actions: Iterable[str]) -> object:
    """Return how many people did one of the actions in 30 days; "at least" where people are not reported in full."""
    people = look.moment.state.people
    first = look.moment.today_number - DAYS + 1
    named = tuple(actions)
    seen = sum([any(one.times(action, first) for action in named) for one in people.persons.values()])
    reported = any(one.seen_at is not None for one in people.persons.values())
    known = reported and not people.dropped and witnessed(look, first, look.moment.today_number - 1)
    return seen if known else AtLeast(seen)


def _top_share(look: Look) -> object:
    """Return the share of the two busiest people in creating and opening; unknown where more people are not kept."""
    people = look.moment.state.people
    first = look.moment.today_number - DAYS + 1
    times = sorted(
        (sum(one.times(action, first) for action in ANALYSING) for one in people.persons.values()), reverse=True
    )
    if people.dropped or not sum(times):
        return UNKNOWN
    return Decimal(sum(times[:TOP])) / sum(times)


def _weekly_median(look: Look) -> object:
    """Return the median of four closed weeks' active people; unknown unless people and all days are reported."""
    people, today = look.moment.state.people, look.moment.today_number
    monday = today - look.today.weekday()
    first = monday - WEEK * WEEKS
    created = look.moment.created_number
    if not people.persons or people.dropped or not witnessed(look, first, monday - 1):
        return UNKNOWN
    if created is not None and created > first:
        return UNKNOWN  # it has not had the four weeks
    running, persons = week_number(today), people.persons.values()
    if not any(one.seen_in(running - ago) for one in persons for ago in range(WEEKS, WEEKS_BACK)):
        return UNKNOWN  # nobody was seen so long ago, or nobody kept the weeks yet
    counts = sorted(sum([one.seen_in(running - ago) for one in persons]) for ago in range(1, WEEKS + 1))
    return Decimal(counts[WEEKS // 2 - 1] + counts[WEEKS // 2]) / 2


def _last_seen(look: Look) -> object:
    """Return when anybody was last in; null when people are known and none ever was."""
    people = look.moment.state.people
    if not people.persons:
        return UNKNOWN
    return max((one.seen_at for one in people.persons.values() if one.seen_at is not None), default=None)


def _of_champion(look: Look) -> object:
    people = look.moment.state.people
    if people.champion is UNSET:
        return UNKNOWN
    person = people.persons.get(people.champion or "")
    if people.champion is None or person is None:
        return None
    return UNKNOWN if person.family is UNSET else person.family


_READS = ("people.persons", RETURNED, "people.actions", "people.dropped", "usage.reported", "profile.created_at")

FACTS: tuple[Fact, ...] = (
    fact("people.analysing", Kind.COUNT, lambda look: _doing(look, ANALYSING), *_READS, unit="people", daily=True,
         bounded=True, label="People who analyse in the product",
         doc="People who made or opened an insight, a dashboard or a recording in 30 days."),
    fact("people.on_insights", Kind.COUNT, lambda look: _doing(look, INSIGHTS), *_READS, unit="people", daily=True,
         bounded=True, label="People who make or open insights",
         doc="People who made or opened an insight in 30 days."),
    fact("people.top_share", Kind.SHARE, _top_share, "people.persons", "people.actions", "people.dropped",
         unit="share", daily=True, label="Share of the two busiest people",
         doc="Share of the two busiest people in what was made and opened in 30 days."),
    fact("people.weekly_median", Kind.NUMBER, _weekly_median, "people.persons", "people.dropped", SEEN_WEEKS,
         "usage.reported", "profile.created_at", unit="people", daily=True,
         label="Active people in a week", doc="Median of the active people of the last four closed weeks."),
    fact("people.last_seen_at", Kind.INSTANT, _last_seen, "people.persons", "people.seen", label="Last seen",
         doc="When anybody was last in the product; null when nobody ever was."),
    fact("champion.family", Kind.TEXT, _of_champion, "people.champion", "people.persons", label="Champion works in",
         doc="Role family of the champion in force; null when there is none or it has no family."),
    fact("champion.followed", Kind.BOOL, lambda look: look.moment.state.people.lost_champion is not None
         and isinstance(look.moment.state.people.champion, str), "people.champion", "people.lost_champion",
         doc="The champion in force followed one who left or changed roles."),
)  # fmt: skip
