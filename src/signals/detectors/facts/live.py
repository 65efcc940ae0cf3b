"""Which use cases are live, and who lives them (catalogue 11.4): what people of a team did in the last 30 days.

While more than half of the active people have no known role, every test of a role is unknown. Somebody whose role is
not known is then nobody's; where more people are known than are kept one by one, that nobody did a thing is known only
when the account's own count of it leaves none over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from signals.detectors.facts.logic import all_hold, any_holds
from signals.detectors.facts.use import PEOPLE_READS, TEAMS, USED_READS, active_persons, roles_known
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.people import Person
from signals.domain.account.reduce import RESUMED, RESUMED_DOING
from signals.domain.roles import USE_CASES, role_of

LIVED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "pi": ("product", ("insight created", "insight viewed", "funnel created", "funnel viewed")),
    "observability": ("engineering", ("error issue viewed",)),
    "growth": ("growth", ("web analytics viewed", "marketing analytics viewed", "funnel viewed", "experiment created")),
    "cx": ("support", ("recording analyzed", "person viewed")),
}
"""Use case -> the team, and what a person of it does where the use case is live."""

MANAGING = ("batch export enabled", "batch import created", "destination enabled")
FLOWS = ("data_warehouse", "batch_exports", "cdp_destinations", "pipelines")


def window_of(look: Look) -> int:
    """Return the first day (ordinal) of the last 30 days, today included."""
    return look.moment.today_number - look.moment.terms.active_within.days + 1


def present(look: Look) -> tuple[Person, ...]:
    """Return the people who have not left."""

    def make() -> object:
        return tuple([one for one in look.moment.state.people.persons.values() if one.left_at is None])

    return cast("tuple[Person, ...]", look.moment.cached("people present", make))


def truth_of(look: Look, name: str) -> Truth:
    """Return a BOOL fact; null is no."""
    value = look.fact(name)
    return UNKNOWN if value is UNKNOWN else value is True


def doers(look: Look, families: Iterable[str], actions: Iterable[str]) -> tuple[Person, ...]:
    """Return the people of some families who did one of the actions in the last 30 days."""
    first, wanted, named = window_of(look), frozenset(families), tuple(actions)
    return tuple(
        one for one in present(look) if one.family in wanted and any(one.times(action, first) for action in named)
    )


def _others_may_have(look: Look, actions: Iterable[str]) -> bool:
    """Say whether people who are not kept may have done one of the actions: the account counted more than the kept."""
    state, first = look.moment.state, window_of(look)
    if not state.people.dropped:
        return False
    for action in actions:
        daily = state.usage.actions.get(action)
        counted = 0 if daily is None else daily.total(first, look.moment.today_number)
        if counted > sum(one.times(action, first) for one in state.people.persons.values()):
            return True
    return False


def done_by(look: Look, team: str, actions: tuple[str, ...]) -> Truth:
    """Return whether somebody of a team did one of the actions in the last 30 days."""
    if roles_known(look) is not True:
        return UNKNOWN
    if doers(look, TEAMS[team], actions):
        return True
    return UNKNOWN if _others_may_have(look, actions) else False


def _made_flags(look: Look) -> Truth:
    """Return whether engineers made flags; unknown while no maker is known."""
    if roles_known(look) is not True:
        return UNKNOWN
    makers = [one for one in present(look) if one.last("feature flag created") is not None]
    if any(one.family in TEAMS["engineering"] for one in makers):
        return True
    all_known = makers and all(isinstance(one.family, str) for one in makers)
    return False if all_known and not look.moment.state.people.dropped else UNKNOWN


def _count(look: Look, trait: str) -> int | None:
    value = look.fact(f"traits.{trait}")
    return value if isinstance(value, int) else None


def flags_free(look: Look) -> Truth:
    """Return whether at least half of the flags that are evaluated belong to no experiment."""
    active, linked = _count(look, "flags_active"), _count(look, "flags_of_experiments")
    if active == 0:
        return False
    if active is None or linked is None:
        return UNKNOWN
    return 2 * (active - linked) >= active


def _release(look: Look) -> Truth:
    if truth_of(look, "uses.feature_flags") is False:
        return False
    return all_hold(flags_free(look), _made_flags(look))


def _observability(look: Look) -> Truth:
    return all_hold(truth_of(look, "uses.error_tracking"), done_by(look, *LIVED["observability"]))


def flows(look: Look) -> Truth:
    """Return whether data flows in or out: a source, a batch export or a destination that is on, or was used."""
    if _count(look, "external_schemas") or _count(look, "batch_exports") or look.fact("traits.destinations") not in (
        UNKNOWN, None, (), frozenset(),
    ):  # fmt: skip
        return True
    return any_holds(*(truth_of(look, f"uses.{product}") for product in FLOWS))


def managers(look: Look) -> tuple[Person, ...]:
    """Return active people of data who ever set up a source, an export or a destination."""
    return tuple(
        one
        for one in active_persons(look)
        if one.family in TEAMS["data"] and any(one.last(action) is not None for action in MANAGING)
    )


def _managed(look: Look) -> Truth:
    if roles_known(look) is not True:
        return UNKNOWN
    if managers(look):
        return True
    state = look.moment.state
    ever = any(action in state.usage.actions for action in MANAGING)
    return UNKNOWN if state.people.dropped and ever else False


def _data(look: Look) -> Truth:
    return all_hold(flows(look), _managed(look))


_LIVE: Mapping[str, Callable[[Look], Truth]] = {
    "pi": lambda look: done_by(look, *LIVED["pi"]),
    "release": _release,
    "observability": _observability,
    "growth": lambda look: done_by(look, *LIVED["growth"]),
    "ai": lambda look: truth_of(look, "uses.ai_observability"),
    "data": _data,
    "cx": lambda look: done_by(look, *LIVED["cx"]),
}


def ai_people(look: Look) -> tuple[Person, ...]:
    """Return active people whose title is one of AI before anything else."""
    return tuple(one for one in active_persons(look) if buys_for(one)[:1] == ("ai",))


def buys_for(person: Person) -> tuple[str, ...]:
    """Return the use cases a person buys for by title; () where the title says nothing."""
    role = role_of(person.title) if isinstance(person.title, str) else None
    return () if role is None else role.use_cases


def living(look: Look, use_case: str) -> int:
    """Return how many people live a use case."""
    if use_case in LIVED:
        team, actions = LIVED[use_case]
        return len(doers(look, TEAMS[team], actions))
    if use_case == "release":
        makers = (one for one in present(look) if one.family in TEAMS["engineering"])
        return sum([one.last("feature flag created") is not None for one in makers])
    return len(ai_people(look)) if use_case == "ai" else len(managers(look))


_NAMES = {
    "pi": "product intelligence", "release": "release engineering", "observability": "observability",
    "growth": "growth and marketing", "ai": "AI", "data": "data", "cx": "customer experience",
}  # fmt: skip
_MEANING = {
    "pi": "somebody of product or design made or opened insights or funnels",
    "release": "at least half of the evaluated flags belong to no experiment, and engineers made flags",
    "observability": "exceptions are captured and engineers open issues",
    "growth": "somebody of growth or marketing opened web or marketing analytics or a funnel, or made an experiment",
    "ai": "traces of AI observability come in",
    "data": "a source, batch export or destination is run by an active person of data",
    "cx": "somebody of support or customer success watched recordings or looked people up",
}
_ACTIONS_READ: Mapping[str, tuple[str, ...]] = {
    **{name: actions for name, (_, actions) in LIVED.items()},
    "observability": ("error issue viewed", "error_tracking_issue_created"),
    "release": ("feature flag created",),
    "data": MANAGING,
}
_MORE_READS: Mapping[str, tuple[str, ...]] = {
    "release": ("traits.flags_active", "traits.flags_of_experiments"),
    "data": ("traits.external_schemas", "traits.batch_exports", "traits.destinations"),
}


def live_reads(use_case: str) -> tuple[str, ...]:
    """Return the state fields that the life of a use case depends on."""
    named = _ACTIONS_READ.get(use_case, ())
    actions = (f"{beginning}.{action}" for action in named for beginning in (RESUMED, RESUMED_DOING))
    return (*PEOPLE_READS, *USED_READS, *actions, *_MORE_READS.get(use_case, ()))


FACTS: tuple[Fact, ...] = (
    *(fact(f"live.{name}", Kind.BOOL, _LIVE[name], *live_reads(name), daily=True,
           doc=f"The use case {_NAMES[name]} is live in the last 30 days: {_MEANING[name]}.")
      for name in USE_CASES),
)  # fmt: skip
