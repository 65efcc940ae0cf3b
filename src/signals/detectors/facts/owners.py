"""Facts about who owns the account, who did before, and what a handover asks for."""

from collections.abc import Callable
from datetime import datetime

from msgspec import UNSET

from signals.detectors.facts import handovers
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.domain.account.history import NOBODY, Tenure


def _tenures(look: Look) -> tuple[str, Tenure, dict[str, Tenure]] | None:
    """Return the owner in force (``NOBODY`` for none), since when, and the others; None when none was reported."""
    state = look.moment.state
    if state.profile.owner is UNSET:
        return None
    current = state.profile.owner or NOBODY
    owners = dict(state.history.owners)
    tenure = owners.pop(current, None)
    return None if tenure is None else (current, tenure, owners)


def _assigned_at(look: Look) -> object:
    """Return since when: of an owner who comes back the newest report, as nobody knows the first of the new time."""
    found = _tenures(look)
    if found is None:
        return UNKNOWN
    owner, tenure, others = found
    if owner == NOBODY:
        return None
    before = [one.last_at for one in others.values()]
    return tenure.last_at if any(tenure.first_at < at for at in before) else tenure.first_at


def _assigned_on(look: Look) -> object:
    at = _assigned_at(look)
    return at.astimezone(look.zone).date() if isinstance(at, datetime) else at


def _previous(look: Look) -> tuple[str, Tenure] | None:
    found = _tenures(look)
    if found is None:
        return None
    named = [(name, one) for name, one in found[2].items() if name != NOBODY]
    return max(named, key=lambda one: (one[1].last_at, one[0]), default=None)


def _of_previous(get: Callable[[str, Tenure], object]) -> Callable[[Look], object]:
    def read(look: Look) -> object:
        if _tenures(look) is None:
            return UNKNOWN
        previous = _previous(look)
        return None if previous is None else get(*previous)

    return read


_READS = ("profile.owner", "history.owners")

FACTS: tuple[Fact, ...] = (
    fact("owner.assigned_at", Kind.INSTANT, _assigned_at, *_READS, label="Owner since",
         doc="Since when the owner in force has the account; null while nobody owns it."),
    fact("owner.assigned_on", Kind.DATE, _assigned_on, *_READS, label="Owner since",
         doc="Day of owner.assigned_at."),
    fact("owner.role", Kind.TEXT, lambda look: UNKNOWN if look.moment.state.profile.owner is UNSET
         else look.moment.state.profile.owner and look.moment.state.profile.owner_role,
         "profile.owner", "profile.owner_role", doc="TAM, CSM, CSE, AE, TAE, BDR, Onboarding or other; null for none.",
         label="Owner's role"),
    fact("owner.previous", Kind.TEXT, _of_previous(lambda name, _: name), *_READS,
         doc="The owner before the one in force; null when none is known.", label="Previous owner"),
    fact("owner.previous_role", Kind.TEXT, _of_previous(lambda _, tenure: tenure.role), *_READS,
         doc="Role of the owner before; null when none is known."),
    *handovers.FACTS,
)  # fmt: skip
