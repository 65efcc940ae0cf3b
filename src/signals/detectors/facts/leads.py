"""Facts about leads: tasks of the CRM, how the account came to us, its lead score and territory."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.facts.products import product_name
from signals.detectors.language.classes import Fields
from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind
from signals.detectors.lead_score import lead_score, role_points
from signals.detectors.moment import Look, fact
from signals.detectors.territories import territory_of
from signals.domain.account.leads import FINISHED, Lead, Task
from signals.domain.lead_sources import LEAD_SOURCES

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SATURDAY = 5
MOST_WORKDAYS = 60
# No deadline of the handbook is longer; counting on would cost with every day.


def _set(values: tuple[str, ...] | object) -> object:
    return frozenset(values) if isinstance(values, tuple) else UNKNOWN


class TaskView:
    """One task as rules see it."""

    __slots__ = ("facts", "id", "label", "task", "type")

    def __init__(self, id: str, task: Task) -> None:  # noqa: A002  # the attribute's name in rules
        self.id, self.task, self.facts, self.type = id, task, _set(task.facts), task.task
        self.label = None if task.product is None else product_name(task.product)

    def __getattr__(self, name: str) -> object:
        """Return the task's own field."""
        return getattr(self.task, name)

    @property
    def finished(self) -> bool:
        """Done or disqualified."""
        return self.task.status in FINISHED

    @property
    def idle_since(self) -> datetime:
        """When it was last worked on or passed on to somebody else, else opened."""
        task = self.task
        passed_on = task.assigned_at if task.reassigned else None
        return max(at for at in (task.opened_at, task.touched_at, passed_on) if at is not None)


class LeadView:
    """One way the account came to us."""

    __slots__ = ("key", "label", "lead", "topics")

    def __init__(self, key: str, lead: Lead) -> None:
        self.key, self.lead, self.topics = key, lead, frozenset(lead.topics)
        self.label = LEAD_SOURCES[lead.source]

    def __getattr__(self, name: str) -> object:
        """Return the lead's own field."""
        return getattr(self.lead, name)


TASK_FIELDS = {
    "id": Kind.TEXT, "type": Kind.TEXT, "status": Kind.TEXT, "reason": Kind.TEXT, "commented": Kind.BOOL,
    "assigned_to": Kind.TEXT, "source": Kind.TEXT, "due_on": Kind.DATE, "at": Kind.INSTANT, "opened_at": Kind.INSTANT,
    "touched_at": Kind.INSTANT, "assigned_at": Kind.INSTANT, "idle_since": Kind.INSTANT, "closed_at": Kind.INSTANT,
    "reassigned": Kind.COUNT, "finished": Kind.BOOL, "follow_up": Kind.BOOL, "follow_up_on": Kind.DATE,
    "product": Kind.TEXT, "label": Kind.TEXT, "expected_mrr": Kind.MONEY, "meeting_held": Kind.BOOL,
    "facts": Kind.SET, "timeline_months": Kind.COUNT, "next_step_on": Kind.DATE,
}  # fmt: skip
LEAD_FIELDS = Fields(
    {
        "key": Kind.TEXT, "source": Kind.TEXT, "label": Kind.TEXT, "first_at": Kind.INSTANT, "at": Kind.INSTANT,
        "item": Kind.TEXT, "person_id": Kind.TEXT, "email_domain_kind": Kind.TEXT, "qualified_as": Kind.TEXT,
        "person_level": Kind.TEXT, "topics": Kind.SET,
    },
    personal=("key", "person_id", "person_level"),
)  # fmt: skip


def _tasks(look: Look) -> tuple[TaskView, ...]:
    return tuple(TaskView(key, one) for key, one in look.moment.state.leads.tasks.items())


def _leads(look: Look) -> tuple[LeadView, ...]:
    return tuple(LeadView(key, one) for key, one in look.moment.state.leads.submitted.items())


def _lead_open(look: Look) -> bool:
    """Return whether somebody has a lead task of the account to do."""
    return any(one.task == "lead" and one.status not in FINISHED for one in look.moment.state.leads.tasks.values())


def _trait(look: Look, name: str) -> object:
    value = look.fact(f"traits.{name}")
    return None if value is UNKNOWN else value


def _score(look: Look) -> int:
    """Return the points: of the role the CRM names, else of the best role among the people known."""
    state = look.moment.state
    role, sub_role, revenue = _trait(look, "lead_role"), _trait(look, "lead_sub_role"), _trait(look, "revenue")
    if not isinstance(role, str):
        families = [one.family for one in state.people.persons.values() if isinstance(one.family, str)]
        role = max(sorted(families), key=role_points, default=None)
    return lead_score(
        employees=state.profile.employees if isinstance(state.profile.employees, int) else None,
        revenue=revenue if isinstance(revenue, Decimal) else None,
        role=role,
        sub_role=sub_role if isinstance(sub_role, str) else None,
        country=state.profile.country if isinstance(state.profile.country, str) else None,
    )


def _territory(look: Look) -> str:
    country, state = look.moment.state.profile.country, _trait(look, "us_state")
    return territory_of(
        country if country is not UNSET else None,
        state if isinstance(state, str) else None,
    )


FACTS: tuple[Fact, ...] = (
    fact("tasks", Kind.LIST, _tasks, "leads.tasks", fields=TASK_FIELDS,
         doc="Tasks of the CRM as last seen, at most 40; idle_since: last worked or passed on, else opened."),
    fact("leads", Kind.LIST, _leads, "leads.submitted", fields=LEAD_FIELDS,
         doc="How the account came to us: forms, mails, referrals, lists, events; at most 40."),
    fact("lead.open", Kind.BOOL, _lead_open, "leads.tasks", doc="A lead task is not finished."),
    fact("lead.score", Kind.COUNT, _score, "profile.employees", "profile.country", "people.persons",
         "traits.revenue", "traits.lead_role", "traits.lead_sub_role", unit="count", label="Lead score",
         doc="Points of 70 for size, ability to pay, role, sub-role and country; what is not known gives none."),
    fact("lead.territory", Kind.TEXT, _territory, "profile.country", "traits.us_state", label="Territory",
         doc="Where the lead belongs, such as US West or Europe & Africa."),
    fact("today.weekday", Kind.TEXT, lambda look: WEEKDAYS[look.today.weekday()], "profile.created_at", daily=True,
         calendar=True, doc="Day of the week in the business zone, such as Wednesday."),
)  # fmt: skip


def joined(look: Look, one: str, other: str) -> str:
    """Return a key made of two texts, such as event and person."""
    del look
    return f"{one}|{other}"


def lacking(look: Look, wanted: frozenset[str], have: frozenset[str]) -> str | None:
    """Return what of the first set is missing in the second, in words; null when nothing is."""
    del look
    return ", ".join(sorted(one.replace("_", " ") for one in wanted - have)) or None


def workdays_since(look: Look, since: datetime) -> int:
    """Return how many whole working days (Monday to Friday) have passed since the day of an instant."""
    day, days = since.astimezone(look.zone).date() + timedelta(days=1), 0
    while day < look.today and days <= MOST_WORKDAYS:
        days += day.weekday() < SATURDAY
        day += timedelta(days=1)
    return days


def day_of(look: Look, at: datetime) -> date:
    """Return the calendar day of an instant in the business zone."""
    return at.astimezone(look.zone).date()


def into_cycle(look: Look, elapsed: Decimal, every: int) -> object:
    """Return how far into the running cycle of so many units one is; null before the first full cycle."""
    del look
    if not every:
        return UNKNOWN
    return None if elapsed < every else Decimal(elapsed) % every


FUNCTIONS: tuple[Function, ...] = (
    Function("into_cycle", (Kind.NUMBER, Kind.COUNT), Kind.NUMBER, into_cycle, into_cycle.__doc__ or "", unit="months"),
    Function("joined", (Kind.TEXT, Kind.TEXT), Kind.TEXT, joined, joined.__doc__ or ""),
    Function("lacking", (Kind.SET, Kind.SET), Kind.TEXT, lacking, lacking.__doc__ or ""),
    Function("workdays_since", (Kind.INSTANT,), Kind.COUNT, workdays_since, workdays_since.__doc__ or "", daily=True),
    Function("day_of", (Kind.INSTANT,), Kind.DATE, day_of, day_of.__doc__ or ""),
)
