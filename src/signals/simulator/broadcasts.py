"""What the simulated company says to all of its accounts at once: incidents, launches, and where a rank begins."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from signals.domain.events.base import Event
from signals.domain.events.broadcast import EVERYONE
from signals.domain.events.described import TraitsReported
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved
from signals.domain.events.market import LaunchAnnounced
from signals.simulator.calendar import Calendar

INCIDENT_EVERY, LAUNCH_EVERY = 23, 41
"""Days; neither falls on the same day of each month."""

COMPONENTS = ("queries", "replay", "flags", "ingestion")
LAUNCHED = ("surveys", "web_analytics", "llm_observability")


def broadcasts(calendar: Calendar, rng: Random) -> Iterator[Event]:
    """Yield the company's broadcasts, not sorted.

    An incident of severity 1 to 3 with its end some hours later, a launch a week ahead for who uses analytics, and on
    each first of a month the ARR of the fortieth account.
    """
    for number, day in enumerate(range(INCIDENT_EVERY, calendar.days - 2, INCIDENT_EVERY)):
        at, incident_id = calendar.at(day, 6 + 12 * rng.random()), f"inc-{number + 1}"
        yield IncidentDeclared(
            org_id=EVERYONE, at=at, incident_id=incident_id, severity=1 + number % 3,
            components=[COMPONENTS[number % len(COMPONENTS)]],
        )  # fmt: skip
        over = at + timedelta(minutes=int(30 + 1200 * rng.random()))
        yield IncidentResolved(org_id=EVERYONE, at=over, incident_id=incident_id)
    for number, day in enumerate(range(LAUNCH_EVERY, calendar.days, LAUNCH_EVERY)):
        yield LaunchAnnounced(
            org_id=EVERYONE, at=calendar.at(day, 9), product=LAUNCHED[number % len(LAUNCHED)],
            launched_on=calendar.date_of(day + 7), fits=["product_analytics"],
        )  # fmt: skip
    for day in calendar.month_starts():
        cut = str(20_000 + 500 * rng.randrange(20))
        yield TraitsReported(org_id=EVERYONE, at=calendar.at(day, 4), traits={"top_40_from": cut})
