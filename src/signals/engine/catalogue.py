"""The rules in force, indexed by what makes them worth a look."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

from signals.detectors.contract import Rule, RuleKind, Stage
from signals.detectors.language.names import Names
from signals.domain.events.kinds import CLASS_OF

GUARD_SIGNALS = (
    "ew_usage_declining_4w",
    "ew_champion_changed",
    "churn_champion_left_no_backup",
    "price_complaint_or_reduction",
    "data_engineer_takeover",
    "deferral_response",
)
"""Rules the guards read, by name: G6 to G9, and the answer that puts us off; G3 reads those tagged ``severe``."""

SEVERE = "severe"
"""Tag of the implementation signals that hold a pitch back (catalogue 1.10)."""

GUARD_READS: Mapping[str, tuple[str, ...]] = {
    "G1": ("tickets",),
    "G2": ("incidents",),
    "G3": (),
    "G4": ("profile.start_on", "customer.asked"),
    "G5": ("profile.tags",),
    "G6": (),
    "G7": (),
    "G8": ("champion.change",),
    "G9": (),
    "G10": ("contract.month", "contract.starts_on", "contract.elapsed_months", "customer.asked"),
    "G11": ("profile.segments", "opportunities"),
    "G12": ("lead.open", "profile.owner", "profile.segments", "touch.two_way_at"),
    "G13": ("customer.asked",),
    "G14": ("fundraise.day0",),
    "G15": ("opportunities", "lead.open"),
    "G16": ("opportunities",),
    "G17": ("sensitive.tier", "sensitive.cleared"),
    "G18": ("use_case.primary", "phase.at_least_depth", "traits.use_case_solid", "customer.asked"),
    "G19": ("traits.embedded_products",),
    "G20": ("profile.tags", "profile.business_type", "traits.baa_signed_on", "done.replay_privacy_review"),
    "cancelled": ("billing.status",),
    "fit": ("traits.external_rows",),
    "payment": ("invoices",),
}
"""Guard, as a verdict names it -> facts it reads: when a field behind one moves, what it holds is asked again.

Time, a signal it reads and the close of a day ask again as well.
"""

GUARD_FACTS = frozenset(name for names in GUARD_READS.values() for name in names)

_OF_STATE = {
    "G5": ("relationship.notes",),
    "G12": ("relationship.inbound_at", "relationship.outbound_at"),
}
"""What a guard reads of the state itself."""


def guard_fields(names: Names) -> Mapping[str, frozenset[str]]:
    """Return guard -> the state fields behind what it reads."""
    return {
        guard: frozenset(_OF_STATE.get(guard, ())).union(
            *(names.facts[name].reads for name in read if name in names.facts)
        )
        for guard, read in GUARD_READS.items()
    }


class Catalogue:
    """Rules, sorted so that a rule comes after those it reads. Immutable; shared by all accounts.

    Parameters
    ----------
    rules
        As ``load_packs`` returns them: sorted topologically, ids unique.
    names
        The vocabulary they were compiled with.
    """

    def __init__(self, rules: Iterable[Rule], names: Names) -> None:
        self.rules: tuple[Rule, ...] = tuple(rule for rule in rules if rule.stage is not Stage.OFF)
        self.names = names
        self.index: Mapping[str, int] = {rule.id: number for number, rule in enumerate(self.rules)}
        self.by_id: Mapping[str, Rule] = {rule.id: rule for rule in self.rules}
        self.levels: Mapping[str, tuple[str, ...]] = {
            level: tuple(rule.id for rule in self.rules if rule.churn_level == level) for level in ("A", "B")
        } | {SEVERE: tuple(rule.id for rule in self.rules if SEVERE in rule.tags)}
        """Churn level, or ``severe``, -> its rules."""
        self.guard_signals = (*GUARD_SIGNALS, *self.levels["A"], *self.levels[SEVERE])
        self.fields_of_guard = guard_fields(names)
        self.guard_fields = frozenset[str]().union(*self.fields_of_guard.values())
        self.edges: dict[str, list[int]] = {}
        self.by_field: dict[str, list[int]] = {}
        self._touched: dict[frozenset[str], tuple[int, ...]] = {}
        self.dependents: dict[str, list[int]] = {}
        self.daily: frozenset[int] = frozenset(
            number
            for number, rule in enumerate(self.rules)
            if (rule.daily or _samples(rule) in ("days", "weeks")) and rule.kind in (RuleKind.LEVEL, RuleKind.STEPS)
        )
        self.standing: tuple[int, ...] = tuple(
            number for number, rule in enumerate(self.rules) if rule.kind in (RuleKind.LEVEL, RuleKind.STEPS)
        )
        """Rules that may hold without an event: all but moments."""
        for number, rule in enumerate(self.rules):
            self._place(number, rule)
        self.moments = frozenset(CLASS_OF[kind] for kind in self.edges)
        """Classes of the events some edge rule is about."""
        self.referenced = frozenset[str]().union(
            *(
                rule.told_apart - {rule.id} for rule in self.rules if rule.alias_of is None
            )  # an alias never speaks first
        )
        """Rules whose unknown must be remembered, because others tell it from false."""
        self.daily_facts = frozenset(name for name, one in names.facts.items() if one.daily)
        self.timed_facts = frozenset(name for name, one in names.facts.items() if one.timed)
        self._facts_of: dict[str, list[str]] = {}
        for name, one in names.facts.items():
            for field in one.reads.union(*one.parts.values()):
                self._facts_of.setdefault(field, []).append(name)
        self._found_facts: dict[frozenset[str], frozenset[str]] = {}
        self._around: dict[frozenset[str], Catalogue] = {}
        digest = blake2b(digest_size=8)
        for rule in self.rules:
            digest.update(f"{rule.id}:{rule.version}:{rule.stage}\n".encode())
        self.digest = digest.hexdigest()

    def _place(self, number: int, rule: Rule) -> None:
        if rule.kind is RuleKind.EDGE:
            for kind in rule.on:
                self.edges.setdefault(kind, []).append(number)
            return
        if rule.kind is RuleKind.REPORT:
            return
        for field in rule.fields:
            self.by_field.setdefault(field, []).append(number)
        if _samples(rule) == "reports":
            self.by_field.setdefault("usage.reported", []).append(number)
        read = set(rule.signals)
        for level in rule.levels:
            read.update(self.levels.get(level, ()))
        for other in read - {rule.id}:
            self.dependents.setdefault(other, []).append(number)

    def around(self, rules: Iterable[str]) -> "Catalogue":
        """Return a catalogue of these rules, those they read in any number of steps, and those the guards read.

        What a few rules say by themselves, whatever else is in force: examples are about their rule.
        """
        asked = frozenset(rules)
        made = self._around.get(asked)
        if made is None:
            wanted, waiting = set[str](), [*asked, *GUARD_SIGNALS]
            while waiting:
                name = waiting.pop()
                rule = self.by_id.get(name)
                if rule is None or name in wanted:
                    continue
                wanted.add(name)
                waiting.extend(rule.signals)
                waiting.extend(other for level in rule.levels for other in self.levels.get(level, ()))
                waiting.extend([rule.alias_of] if rule.alias_of else [])
            made = Catalogue([rule for rule in self.rules if rule.id in wanted], self.names)
            self._around[asked] = made
        return made

    def facts_of(self, fields: frozenset[str]) -> frozenset[str]:
        """Return the facts that may have another value when these state fields moved."""
        found = self._found_facts.get(fields)
        if found is None:
            found = frozenset(name for field in fields for name in self._facts_of.get(field, ()))
            if len(self._found_facts) < MOST_COMBINATIONS:
                self._found_facts[fields] = found
        return found

    def touched(self, fields: frozenset[str]) -> tuple[int, ...]:
        """Return the standing rules that read any of the state fields that moved, in ascending order."""
        found = self._touched.get(fields)
        if found is None:
            numbers = {number for field in fields for number in self.by_field.get(field, ())}
            found = tuple(sorted(numbers))
            if len(self._touched) < MOST_COMBINATIONS:
                self._touched[fields] = found
        return found


MOST_COMBINATIONS = 10_000
# Of fields that move together. A few hundred happen; names of actions come from outside and have no end.


def _samples(rule: Rule) -> str:
    """Return what a rule counts for ``confirm``: each sample is a look, whatever its condition reads."""
    return rule.confirm.of if rule.confirm is not None else ""
