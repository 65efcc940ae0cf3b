"""From a checked entry to a compiled ``Rule``: every expression, template and duration of it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from signals.detectors.charts.source import ChartPlan
from signals.detectors.contract import (
    Confirm,
    Each,
    EvidenceLine,
    Route,
    Rule,
    RuleKind,
    SeverityCase,
    Step,
    TagCase,
    Variant,
    Words,
)
from signals.detectors.language.calls import BUILTINS
from signals.detectors.language.check import RESERVED
from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import Kind, Names, Param
from signals.detectors.language.refute import Refuter, compile_refuter, told_apart
from signals.detectors.language.template import Template, compile_template
from signals.detectors.language.waiting import state_fields
from signals.detectors.rules.charting import build_chart
from signals.detectors.rules.places import Places
from signals.detectors.rules.problems import Problems
from signals.detectors.rules.schema import RouteEntry, RuleEntry, VariantEntry, duration
from signals.detectors.rules.stories import StoryFault, read_example
from signals.detectors.rules.story import Example
from signals.detectors.rules.yaml_lines import Loc
from signals.domain.errors import PackError
from signals.domain.events.kinds import CLASS_OF
from signals.domain.reasons import Severity

VERSION_BYTES = 4  # 8 hex digits on each transition: enough to tell the few versions of one rule apart

_MOMENTS = frozenset({Kind.INSTANT, Kind.DATE})


class RuleBuilder:
    """Builds one rule; faults go to *problems*, and ``build`` then returns None."""

    def __init__(self, entry: RuleEntry, names: Names, places: Places, problems: Problems) -> None:
        self.entry, self.names, self.places, self.problems = entry, names, places, problems
        self.params: dict[str, Param] = {}
        self.lets: dict[str, Expression] = {}
        self.item: tuple[str, Mapping[str, Kind]] | None = None
        self.event = tuple(CLASS_OF[kind] for kind in entry.on) or None
        self.deciding: list[Expression] = []
        self.frozen: set[str] = set()

    def build(self, *, examples: bool) -> Rule | None:
        """Return the rule, or None when something is wrong with it."""
        before = len(self.problems.found)
        self._params()
        collection = self._collection()
        self._lets()
        if len(self.problems.found) > before:  # what follows would only repeat it
            return None
        rule = self._rule(collection, examples)
        return rule if len(self.problems.found) == before else None

    # ---- parts in the order they may use each other

    def _params(self) -> None:
        for name, entry in self.entry.params.items():
            path: Loc = ("params", name)
            self._free(name, path)
            try:
                self.params[name] = Param(name, entry.typed(), entry.unit, entry.source, entry.doc)
            except ValueError as error:
                self.problems.add(self.places.where(path), str(error))

    def _free(self, name: str, path: Loc) -> None:
        names = self.names
        taken = name in RESERVED or name in BUILTINS or name in names.facts or name in names.functions
        if taken or name in self.params or name in self.lets:
            self.problems.add(self.places.where(path), f"the name {name} is taken", "another name")

    def _collection(self) -> Expression | None:
        each = self.entry.each
        if each is None:
            return None
        self._free(each.name, ("each", "as"))
        found = self._expression(each.collection, ("each", "in"), {Kind.LIST, Kind.SET})
        if found is not None and found.let is not None:
            self.item = (each.name, found.let.node.fields if found.kind is Kind.LIST else {})
        return found

    def _lets(self) -> None:
        for name, text in self.entry.let.items():
            self._free(name, ("let", name))
            made = self._expression(text, ("let", name), None)
            if made is not None:
                self.lets[name] = made

    def _expression(
        self, text: str, path: Loc, kinds: set[Kind] | frozenset[Kind] | None, *, opened: bool = False
    ) -> Expression | None:
        where = self.places.where(path)
        try:
            made = compile_expression(
                text, names=self.names, params=self.params, lets=self.lets, item=self.item, event=self.event,
                opened=self.lets if opened else None, where=where,
            )  # fmt: skip
        except PackError as error:
            self.problems.found.append(error)
            return None
        if kinds is not None and made.kind not in kinds and made.kind is not Kind.ANY:
            wanted = ", ".join(sorted(kinds))
            self.problems.add(where, f"{path[-1]} gives a {made.kind}: {made.text}", wanted)
            return None
        self.frozen |= made.frozen
        return made

    def _condition(self, text: str | None, path: Loc, *, opened: bool = False) -> Expression | None:
        made = None if text is None else self._expression(text, path, {Kind.BOOL}, opened=opened)
        if made is not None:
            self.deciding.append(made)
        return made

    def _always(self, text: str, path: Loc) -> Expression:
        """Return a condition, or a stand-in where it is wrong: the rule is thrown away then."""
        return self._condition(text, path, opened=True) or compile_expression("false", names=self.names)

    def _template(self, text: str | None, path: Loc) -> Template | None:
        if text is None:
            return None
        try:
            made = compile_template(
                text, names=self.names, params=self.params, lets=self.lets, item=self.item, event=self.event,
                opened=self.lets, where=self.places.where(path),
            )  # fmt: skip
        except PackError as error:
            self.problems.found.append(error)
            return None
        self.frozen |= made.frozen
        return made

    def _span(self, text: str | None, path: Loc) -> timedelta | None:
        if text is None:
            return None
        span = duration(text)
        if span is None and text in self.params:
            value = self.params[text].value
            span = value if isinstance(value, timedelta) else None
        if span is None:
            valid = "a duration such as 28 d or 48 h, or a parameter that is one"
            self.problems.add(self.places.where(path), f"{text} is no duration", valid)
        return span

    # ---- the rule

    def _rule(self, collection: Expression | None, examples: bool) -> Rule:
        entry = self.entry
        each = None
        if entry.each is not None and collection is not None:
            key = self._expression(entry.each.key, ("each", "key"), {Kind.TEXT})
            each = Each(collection, entry.each.name, key or collection)
            self.deciding += [collection, key or collection]
        when = self._condition(entry.own_when, ("when",))
        clear = self._condition(entry.clear, ("clear",), opened=True)
        again = self._condition(entry.again, ("again",), opened=True)
        start = None if entry.start is None else self._expression(entry.start, ("from",), _MOMENTS)
        while_ = self._condition(entry.while_, ("while",), opened=True)
        default, severities = self._severity()
        variants = tuple(self._variant(variant, index) for index, variant in enumerate(entry.variants))
        evidence = self._evidence()
        words = self._words(evidence)
        route = self._route(entry.route, ("route",))
        steps = self._steps()
        stake = self._stake()
        self.deciding += [start] if start is not None else []
        deciding = self.deciding
        nodes = tuple(each.let.node for each in deciding if each.let is not None)
        return Rule(
            id=entry.id,
            title=entry.title,
            kind=entry.kind,
            family=entry.family,
            source=entry.source,
            stage=entry.stage,
            version=_version(entry),
            where=self.places.where(),
            severity=default,
            words=words,
            scope=entry.scope,
            doc=entry.doc,
            severities=severities,
            params=self.params,
            lets=self.lets,
            when=when,
            refuter=_refuter(entry.kind, when, collection),
            clear=clear,
            again=again,
            each=each,
            on=tuple(entry.on),
            key=None if entry.key is None else self._expression(entry.key, ("key",), {Kind.TEXT}),
            start=start,
            while_=while_,
            steps=steps,
            late=entry.late,
            hold=self._span(entry.hold, ("hold",)) or timedelta(0),
            confirm=self._confirm(),
            clear_hold=self._span(entry.clear_hold, ("clear_hold",)) or timedelta(0),
            remind=self._span(entry.remind, ("remind",)),
            cooldown=self._span(entry.cooldown, ("cooldown",)) or timedelta(0),
            once=entry.once,
            stale_after=self._span(entry.stale_after, ("stale_after",)),
            expires_after=self._span(entry.expires_after, ("expires_after",)),
            churn_level=entry.churn_level,
            guards=entry.guards,
            exempt=frozenset(entry.exempt),
            offers=tuple(entry.offers),
            route=route,
            variants=variants,
            alias_of=entry.alias_of,
            tags=tuple(entry.tags),
            rank=entry.rank,
            section=entry.section,
            value_at_stake=stake,
            evidence=evidence,
            chart=self._chart(),
            runbook=entry.runbook,
            examples=self._examples(examples),
            freezes=self._freezes(),
            reads=frozenset[str]().union(*(each.reads for each in deciding)),
            fields=state_fields(nodes),
            signals=frozenset[str]().union(*(each.signals for each in deciding)),
            told_apart=frozenset[str]().union(
                *(told_apart(each.let.node) for each in deciding if each.let is not None)
            ),
            levels=frozenset[str]().union(*(each.levels for each in deciding)),
            daily=any(each.daily for each in deciding),
            timed=any(each.timed for each in deciding) or entry.kind is RuleKind.STEPS,
        )

    def _severity(self) -> tuple[Severity, tuple[SeverityCase, ...]]:
        given = self.entry.severity
        if isinstance(given, Severity):
            return given, ()
        default, cases = None, []
        for index, case in enumerate(given):
            if case.default is not None:
                default = case.default
            elif case.when is not None and case.severity is not None:
                cases.append(SeverityCase(self._always(case.when, ("severity", index, "when")), case.severity))
        if default is None:
            self.problems.add(self.places.where(("severity",)), "severity without a default", "{default: notice}")
        return default or Severity.INFO, tuple(cases)

    def _variant(self, entry: VariantEntry, index: int) -> Variant:
        path: Loc = ("variants", index)
        return Variant(
            when=self._always(entry.when, (*path, "when")),
            name=entry.name,
            severity=entry.severity,
            family=entry.family,
            guards=entry.guards,
            exempt=None if entry.exempt is None else frozenset(entry.exempt),
            route=None if entry.route is None else self._route(entry.route, (*path, "route")),
            headline=self._template(entry.headline, (*path, "headline")),
            why_now=self._template(entry.why_now, (*path, "why_now")),
            next_step=self._template(entry.next_step, (*path, "next_step")),
        )

    def _route(self, entry: RouteEntry, path: Loc) -> Route:
        tags = []
        for index, tag in enumerate(entry.also_tag):
            if isinstance(tag, str):
                tags.append(TagCase(None, (tag,)))
            else:
                tags.append(TagCase(self._always(tag.when, (*path, "also_tag", index, "when")), tuple(tag.roles)))
        return Route(entry.channel, tuple(entry.sinks), tuple(tags), entry.tag_owner, tuple(entry.cc))

    def _steps(self) -> tuple[Step, ...]:
        found: list[Step] = []
        for index, step in enumerate(self.entry.steps):
            path: Loc = ("steps", index)
            at = self._span(step.at, (*path, "at")) or timedelta(0)
            if found and at <= found[-1].at:
                self.problems.add(self.places.where((*path, "at")), "steps go up in time", "a later one")
            headline = self._template(step.headline, (*path, "headline"))
            advice = self._template(step.next_step, (*path, "next_step"))
            found.append(Step(at, step.say, step.severity, headline, advice, step.source))
        return tuple(found)

    def _stake(self) -> Expression | None:
        if self.entry.value_at_stake is None:
            return None
        made = self._expression(self.entry.value_at_stake, ("value_at_stake",), {Kind.MONEY}, opened=True)
        if made is not None and made.unit == "USD/month":
            self.problems.add(self.places.where(("value_at_stake",)), "dollars a month", "dollars a year")
        return made

    def _confirm(self) -> Confirm | None:
        entry = self.entry.confirm
        if entry is None:
            return None
        samples: object = entry.samples
        if isinstance(samples, str):
            samples = self.params[samples].value if samples in self.params else None
        if not isinstance(samples, int) or samples < 1:
            self.problems.add(self.places.where(("confirm",)), f"{entry.samples} is no number of samples", "2 reports")
            return None
        return Confirm(samples, entry.of)

    def _evidence(self) -> tuple[EvidenceLine, ...]:
        found = []
        decisive = self.entry.text.decisive
        for index, line in enumerate(self.entry.evidence):
            path: Loc = ("evidence", index)
            value = self._expression(
                line.value or line.name, (*path, "value" if line.value else "name"), None, opened=True
            )
            threshold = None if line.threshold is None else self.params.get(line.threshold)
            if line.threshold is not None and threshold is None:
                self.problems.add(
                    self.places.where((*path, "threshold")), f"{line.threshold} is no parameter", ", ".join(self.params)
                )
            if value is not None:
                label = line.label or value.label or line.name.replace("_", " ").replace(".", " ")
                lead = line.decisive or line.name == decisive
                found.append(
                    EvidenceLine(line.name, label, line.unit or value.unit, value, line.window, threshold, lead)
                )
        return tuple(found)

    def _words(self, evidence: tuple[EvidenceLine, ...]) -> Words:
        text = self.entry.text
        decisive = text.decisive
        if decisive is not None and "{" not in decisive:
            line = next((line for line in evidence if line.name == decisive), None)
            if line is None and len(evidence) == len(self.entry.evidence):
                names = ", ".join(line.name for line in evidence)
                self.problems.add(self.places.where(("text", "decisive")), f"no evidence {decisive}", names)
            decisive = None if line is None else f"{line.label.replace('{', '').replace('}', '')}: {{{decisive}}}"
        parts = {
            name: self._template(getattr(text, name), ("text", name))
            for name in ("headline", "why_now", "next_step", "starter", "resolved")
        }
        headline = parts.pop("headline") or compile_template("-", names=self.names)
        return Words(headline, decisive=self._template(decisive, ("text", "decisive")), **parts)

    def _chart(self) -> ChartPlan | None:
        entry = self.entry.chart
        return None if entry is None else build_chart(
            entry, self.item, self._expression, self._template, lambda path: self.places.where(("chart", *path)),
            self.problems,
        )  # fmt: skip

    def _examples(self, wanted: bool) -> tuple[Example, ...]:
        found = []
        for index, raw in enumerate(self.entry.examples):
            path: Loc = ("examples", index)
            try:
                found.append(read_example(raw, self.entry.id, self.places.below(path)))
            except StoryFault as fault:
                self.problems.add(fault.where, fault.problem, fault.valid)
            except ValidationError as error:
                for where, problem, valid in self.places.lines.problems(error, (*self.places.loc, *path)):
                    self.problems.add(where, problem, valid)
        for verdict in ("fires", "near") if wanted and self.entry.alias_of is None else ():
            if not any(verdict in raw for raw in self.entry.examples):
                self.problems.add(self.places.where(("examples",)), f"{self.entry.id}: no example that is {verdict!r}")
        return tuple(found)

    def _freezes(self) -> dict[str, Expression]:
        found: dict[str, Expression] = {}
        for name in sorted(self.frozen):
            if (made := self.lets.get(name) or self._expression(name, ("clear",), None)) is not None:
                found[name] = made
        return found


def _version(entry: RuleEntry) -> str:
    """Return the digest of what decides and what is said; examples are left out."""
    data: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude={"examples", "doc"})
    return blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=VERSION_BYTES).hexdigest()


def _refuter(kind: RuleKind, when: Expression | None, collection: Expression | None) -> Refuter | None:
    if kind is not RuleKind.LEVEL or when is None or when.let is None or (collection is not None and collection.timed):
        return None
    return compile_refuter(when.let.node, None if collection is None or collection.let is None else collection.let.node)
