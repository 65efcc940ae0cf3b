"""How far the account has grown: from one team with one use case to many (catalogue depth_phase_reached)."""

from collections import Counter
from collections.abc import Iterable
from typing import cast

from signals.detectors.facts.live import live_reads, truth_of
from signals.detectors.facts.logic import all_hold, any_holds
from signals.detectors.facts.use import ENGAGED_READS, PEOPLE_READS, TEAMS, USED_READS, active_persons, roles_known
from signals.detectors.facts.use_cases import FACTS as USE_CASE_FACTS
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.roles import USE_CASES

PHASES = ("trojan_hog", "depth", "breadth", "platform", "shampoo")
"""In order; the highest that is met is the account's."""

DEPTH_PEOPLE = 5
"""Active people of the first team (handbook GP-PB: 5 or more)."""

PLATFORM_PEOPLE = 3
"""Active people of an active team (proposed)."""

PLATFORM_TEAMS = 2


def first_team(look: Look) -> str | None:
    """Return the team that was seen first; None while no department is known."""
    days = {
        team: min(known)
        for team, families in TEAMS.items()
        if (known := [one.first for key, one in look.moment.state.growth.departments.items() if key in families])
    }
    return min(days, key=lambda team: (days[team], team), default=None)


def _team_sizes(look: Look) -> dict[str, int]:
    return cast("dict[str, int]", look.moment.cached("team sizes", lambda: _count_teams(look)))


def _count_teams(look: Look) -> dict[str, int]:
    families = Counter(one.family for one in active_persons(look))
    return {team: sum([families[one] for one in members]) for team, members in TEAMS.items()}


def _unnamed(look: Look) -> int:
    """Return how many active people have no known role."""
    active = active_persons(look)
    return cast("int", look.moment.cached("unnamed", lambda: sum([not isinstance(one.family, str) for one in active])))


def _at_least(look: Look, size: int, wanted: int) -> Truth:
    """Return whether a team is that large: no, only where roles are known and nobody was let go."""
    if size >= wanted:
        return True
    if look.moment.state.people.dropped or (roles_known(look) is not True and size + _unnamed(look) >= wanted):
        return UNKNOWN
    return False


def _product_added(look: Look) -> Truth:
    """Return whether a product beside the first one is in use on the path of the use case."""
    products = look.fact("use_case.products")
    if products is None or products is UNKNOWN:
        return UNKNOWN
    known = [truth_of(look, f"uses.{product}") for product in sorted(products)]  # type: ignore[call-overload]  # a set
    if sum([one is True for one in known]) > 1:
        return True
    return UNKNOWN if sum([one is not False for one in known]) > 1 else False


def _depth(look: Look) -> Truth:
    first = first_team(look)
    if first is None:
        people = look.moment.state.people.persons
        return _at_least(look, 0, DEPTH_PEOPLE) if people else UNKNOWN
    size = _team_sizes(look)[first]
    return all_hold(_at_least(look, size, DEPTH_PEOPLE), _product_added(look))


def _others(look: Look) -> Iterable[int]:
    first = first_team(look)
    return [size for team, size in _team_sizes(look).items() if team != first]


def _breadth(look: Look) -> Truth:
    """Return whether a second use case is live and somebody of another team is active."""
    primary = look.fact("use_case.primary")
    others = any_holds(*(truth_of(look, f"live.{name}") for name in USE_CASES if name != primary))
    if primary is UNKNOWN and others is True:
        lived = [truth_of(look, f"live.{name}") for name in USE_CASES]
        others = True if sum([one is True for one in lived]) > 1 else UNKNOWN
    team = any_holds(*(_at_least(look, size, 1) for size in _others(look)))
    return all_hold(others, team)


def _platform(look: Look) -> Truth:
    sizes = [_at_least(look, size, PLATFORM_PEOPLE) for size in _team_sizes(look).values()]
    if sum([one is True for one in sizes]) >= PLATFORM_TEAMS:
        return True
    return UNKNOWN if sum([one is not False for one in sizes]) >= PLATFORM_TEAMS else False


def _shampoo(look: Look) -> Truth:
    team = look.fact("traits.next_team")
    return all_hold(_platform(look), isinstance(team, str))


_MET = (_depth, _breadth, _platform, _shampoo)


def _rank(look: Look) -> object:
    """Return the place of the highest phase known to be met; unknown while none is and one may be."""
    if not look.moment.state.people.persons:
        return UNKNOWN
    met = [one(look) for one in _MET]
    highest = max((place for place, one in enumerate(met, 1) if one is True), default=0)
    return UNKNOWN if highest == 0 and UNKNOWN in met else highest


def _name(look: Look) -> object:
    rank = look.fact("phase.rank")
    return PHASES[rank] if isinstance(rank, int) else UNKNOWN


def _at_least_depth(look: Look) -> Truth:
    """Say whether the first use case is solid as far as people and products go."""
    if not look.moment.state.people.persons:
        return UNKNOWN
    return any_holds(*(met(look) for met in _MET))


_READS = tuple(
    dict.fromkeys((
        *USED_READS, *PEOPLE_READS, "growth.departments", "traits.next_team",
        *ENGAGED_READS,
        *(field for name in USE_CASES for field in live_reads(name)),
        *(field for one in USE_CASE_FACTS if one.name in ("use_case.primary", "use_case.products")
          for field in sorted(one.reads)),
    ))
)  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("phase.rank", Kind.COUNT, _rank, *_READS, unit="count", daily=True,
         doc="Place of the phase of expansion: 0 trojan_hog, 1 depth, 2 breadth, 3 platform, 4 shampoo."),
    fact("phase.name", Kind.TEXT, _name, *_READS, daily=True, label="Phase",
         doc="Phase of expansion: trojan_hog, depth, breadth, platform or shampoo, the highest one met."),
    fact("phase.at_least_depth", Kind.BOOL, _at_least_depth, *_READS, daily=True,
         doc="The first use case is solid: five active people of the first team and a product added on its path, or "
         "a further phase."),
)  # fmt: skip
