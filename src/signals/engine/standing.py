"""Which rules have an episode in some state: those that are looked at for the sake of what already stands."""

from signals.domain.account.life import Life
from signals.domain.reasons import HeldReason
from signals.engine.catalogue import Catalogue
from signals.engine.grouping import OVERLOAD


def rules_in(life: Life, catalogue: Catalogue, state: str) -> set[int]:
    """Return the rules with an episode in a state such as ``open`` or ``held``."""
    return {
        catalogue.index[rule]
        for tag, episode in life.episodes.items()
        if episode.state == state and (rule := tag.split("|", 1)[0]) in catalogue.index
    }


def held_by(life: Life, catalogue: Catalogue, fields: frozenset[str]) -> set[int]:
    """Return the rules with a finding that a guard holds back which reads one of these fields."""
    found = set()
    for tag, episode in life.episodes.items():
        if episode.state == "held":
            watched = catalogue.fields_of_guard.get(episode.held_for.partition(":")[2])
            if watched is not None and not fields.isdisjoint(watched):
                found.add(catalogue.index.get(tag.split("|", 1)[0], -1))
    found.discard(-1)
    return found


def held_daily(life: Life, catalogue: Catalogue) -> set[int]:
    """Return the rules with a finding held back that each close of a day asks the guards of again.

    All but those that wait for the month of another pitch (G13), which ends on a day that is known and reads no
    calendar beside it; unless a variant of the rule goes by other guards, and the day may bring that variant.
    """
    found = set()
    for tag, episode in life.episodes.items():
        rule = catalogue.by_id.get(tag.split("|", 1)[0]) if episode.state == "held" else None
        if rule is None or rule.id not in catalogue.index:
            continue
        waits = episode.held_for == OF_THE_MONTH and episode.held_until is not None
        if not waits or any(one.guards is not None or one.exempt is not None for one in rule.variants):
            found.add(catalogue.index[rule.id])
    return found


OF_THE_MONTH = f"{HeldReason.GUARDED}:{OVERLOAD}"
