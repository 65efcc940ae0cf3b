"""Which rules have an episode in some state: those that are looked at for the sake of what already stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from signals.detectors.language.names import UNKNOWN, Truth
from signals.domain.account.life import Episode, Life
from signals.domain.reasons import HeldReason
from signals.engine.catalogue import Catalogue
from signals.engine.grouping import OVERLOAD

Truths = dict[str, dict[str, Truth]]
"""Rule -> key -> whether its condition holds; a pair that is not there: it does not."""


@dataclass(frozen=True, eq=False)
class Standing:
    """What the engine's memory says of each rule: its episodes, and whether it holds; timers apart.

    ``busy`` are the rules with an episode or an unknown.

    ``truths`` is a dictionary of its own for nobody: who fills it copies it first.
    """

    of: tuple[object, object]
    episodes: Mapping[str, tuple[Episode, ...]]
    keys: Mapping[str, tuple[str, ...]]
    truths: Truths
    busy: frozenset[str]
    held: frozenset[str]
    resolved: tuple[str, ...]
    """Tags of episodes that are over but for their cooldown."""
    grouped: bool
    """Whether anything open stands on the card of another."""

    def is_of(self, life: Life) -> bool:
        """Say whether it was made of the very same memory."""
        episodes, unknown = self.of
        return life.episodes is episodes and life.unknown is unknown


def standing_of(life: Life) -> Standing:
    """Return what is remembered to hold (a held signal holds as an open one does), what is unknown, what is there."""
    truths: Truths = {}
    found: dict[str, dict[str, Episode]] = {}
    held, resolved, grouped = set[str](), list[str](), False
    for tag, episode in life.episodes.items():
        rule, key = tag.split("|", 1)
        known = found.get(rule)
        if known is None:
            found[rule] = {key: episode}
        else:
            known[key] = episode
        state = episode.state
        if state == "open" or state == "held":
            truths.setdefault(rule, {})[key] = True
            if state == "held":
                held.add(rule)
            elif episode.grouped:
                grouped = True
        elif state == "resolved":
            resolved.append(tag)
    for tag in life.unknown:
        rule, key = tag.split("|", 1)
        truths.setdefault(rule, {}).setdefault(key, UNKNOWN)
    return Standing(
        of=(life.episodes, life.unknown),
        episodes={rule: tuple(known.values()) for rule, known in found.items()},
        keys={rule: tuple(known) for rule, known in found.items()},
        truths=truths,
        busy=frozenset((*truths, *found)),
        held=frozenset(held),
        resolved=tuple(resolved),
        grouped=grouped,
    )


def differ(before: Truths, after: Truths, rules: Iterable[str]) -> bool:
    """Say whether any of the rules holds in one and not in the other; unknown counts as no."""
    for rule in rules:
        was, now = before.get(rule), after.get(rule)
        if was != now and (True in (was or {}).values()) is not (True in (now or {}).values()):
            return True
    return False


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
