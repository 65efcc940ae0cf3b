"""Which rules have an episode in some state: those that are looked at for the sake of what already stands."""

from signals.domain.account.life import Life
from signals.engine.catalogue import Catalogue


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


def held_without_end(life: Life, catalogue: Catalogue) -> set[int]:
    """Return the rules with a finding held back until nobody knows when: each close of a day asks the guards again.

    Where the end is known it is waited for, unless something the guard reads moves.
    """
    return {
        catalogue.index[rule]
        for tag, episode in life.episodes.items()
        if episode.state == "held" and episode.held_until is None and (rule := tag.split("|", 1)[0]) in catalogue.index
    }
