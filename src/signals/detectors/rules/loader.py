"""Loads packs: reads, merges defaults and overrides, compiles, checks what rules say of each other, sorts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from signals.detectors.contract import Rule
from signals.detectors.language.names import Names
from signals.detectors.rules.build import RuleBuilder
from signals.detectors.rules.places import Places
from signals.detectors.rules.problems import Problems
from signals.detectors.rules.schema import OverrideEntry, PackEntry, ParamEntry, RuleEntry
from signals.detectors.rules.tables import TableFault, row_of
from signals.detectors.rules.yaml_lines import LineMap, Loc, read_yaml
from signals.domain.errors import ConfigError

Source = Path | Traversable

_MERGED = ("params", "text", "route", "let")
"""Keys of ``defaults`` merged key by key; the others are taken whole when a rule does not have them."""


@dataclass
class _Raw:
    """One rule as data, before its shape is checked."""

    data: dict[str, Any]
    lines: LineMap
    loc: Loc
    overridden: dict[Loc, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return self.lines.where(self.loc)


def load_packs(
    paths: Sequence[Source],
    *,
    names: Names,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    require_examples: bool = True,
) -> tuple[Rule, ...]:
    """Return all rules, compiled, in an order in which each comes after those it reads.

    Parameters
    ----------
    paths
        Pack files, or folders of ``*.yaml``. A file may have ``rules``, ``overrides`` or both; overrides apply to rules
        of any file, later files win.
    overrides
        The same from elsewhere (settings); applied last, errors say ``overrides``.
    require_examples
        Refuse a rule without an example that fires and one that nearly does.

    Raises
    ------
    PackError
        ``PackErrors`` when there are several: all that could be found at once, each with file and line.
    """
    problems = Problems()
    raws: list[_Raw] = []
    changes: list[tuple[Mapping[str, Any], LineMap]] = []
    for path in _files(paths):
        _read(path, raws, changes, problems)
    if overrides:
        changes.append(({"overrides": overrides}, LineMap("overrides", {})))
    _override(raws, changes, problems)
    rules = _compiled(raws, names, require_examples, problems)
    problems.raise_any()
    _check_references(rules, problems)
    problems.raise_any()
    ordered = _sorted(rules, problems)
    problems.raise_any()
    return ordered


def _files(paths: Iterable[Source]) -> Iterator[Source]:
    for path in paths:
        if path.is_dir():
            found = (entry for entry in path.iterdir() if entry.name.endswith((".yaml", ".yml")) and entry.is_file())
            yield from sorted(found, key=lambda entry: entry.name)
        else:
            yield path


def _read(path: Source, raws: list[_Raw], changes: list[tuple[Mapping[str, Any], LineMap]], problems: Problems) -> None:
    try:
        data, lines = read_yaml(path)
        pack = PackEntry.model_validate(data if data is not None else {})
    except ConfigError as error:
        problems.found.append(error)
        return
    except ValidationError as error:
        for where, problem, valid in lines.problems(error):
            problems.add(where, problem, valid)
        return
    except OSError as error:
        problems.add(str(path), f"cannot be read: {error.strerror or error}")
        return
    for index, row in enumerate(pack.rules):
        loc: Loc = ("rules", index)
        try:
            rule = row_of(row, pack.templates)
        except TableFault as fault:
            problems.add(lines.where(loc), fault.problem, fault.valid)
            continue
        raws.append(_Raw(_with_defaults(rule, pack), lines, loc))
    if pack.overrides:
        changes.append(({"overrides": pack.overrides}, lines))


def _with_defaults(rule: Mapping[str, Any], pack: PackEntry) -> dict[str, Any]:
    merged = dict(rule)
    if pack.family is not None:
        merged.setdefault("family", pack.family)
    for key, value in pack.defaults.items():
        if key in _MERGED and isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**value, **merged[key]}
        else:
            merged.setdefault(key, value)
    return merged


def _override(raws: list[_Raw], changes: list[tuple[Mapping[str, Any], LineMap]], problems: Problems) -> None:
    by_id = {raw.data.get("id"): raw for raw in raws}
    for change, lines in changes:
        for rule, data in change["overrides"].items():
            loc: Loc = ("overrides", rule)
            raw = by_id.get(rule)
            if raw is None:
                problems.add(lines.where(loc), f"override of an unknown rule {rule}")
                continue
            try:
                entry = OverrideEntry.model_validate(data)
            except ValidationError as error:
                for where, problem, valid in lines.problems(error, loc):
                    problems.add(where, problem, valid)
                continue
            for key in data:
                if key == "params":
                    _override_params(raw, entry, lines, loc, problems)
                else:
                    raw.data[key] = data[key]
                    raw.overridden[(key,)] = lines.where((*loc, key))


def _override_params(raw: _Raw, entry: OverrideEntry, lines: LineMap, loc: Loc, problems: Problems) -> None:
    params = dict(raw.data.get("params") or {})
    for name, value in entry.params.items():
        where = lines.where((*loc, "params", name))
        old = params.get(name)
        if not isinstance(old, dict):
            problems.add(where, f"no parameter {name}", ", ".join(params))
            continue
        new = {**old, "value": value, "from": "override"}
        if _sort_of(old) != _sort_of(new):
            problems.add(where, f"{name}: {value} is not like {old.get('value')}", f"a value like {old.get('value')}")
            continue
        params[name] = new
        raw.overridden[("params", name)] = where
    raw.data["params"] = params


def _sort_of(param: dict[str, Any]) -> object:
    try:
        value = ParamEntry.model_validate(param).typed()
    except ValueError:
        return None
    return Decimal if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value)


def _compiled(raws: list[_Raw], names: Names, require_examples: bool, problems: Problems) -> list[Rule]:
    rules: list[Rule] = []
    first_at: dict[str, str] = {}
    for raw in raws:
        try:
            entry = RuleEntry.model_validate(raw.data)
        except ValidationError as error:
            for where, problem, valid in raw.lines.problems(error, raw.loc):
                problems.add(where, problem, valid)
            continue
        if entry.id in first_at:
            problems.add(raw.where, f"the rule {entry.id} is already at {first_at[entry.id]}", "an id of its own")
            continue
        first_at[entry.id] = raw.where
        places = Places(raw.lines, raw.loc, raw.overridden)
        rule = RuleBuilder(entry, names, places, problems).build(examples=require_examples)
        if rule is not None:
            rules.append(rule)
    return rules


def _check_references(rules: Sequence[Rule], problems: Problems) -> None:
    known = {rule.id for rule in rules}
    for rule in rules:
        for other in sorted(rule.signals - known):
            problems.add(rule.where, f"{rule.id} reads signal({other!r}), which is no rule")
        if rule.alias_of is not None and rule.alias_of not in known:
            problems.add(rule.where, f"{rule.id} is an alias of {rule.alias_of}, which is no rule")
        for example in rule.examples:
            for expected in example.expect:
                if expected.signal not in known:
                    problems.add(example.where, f"expects {expected.signal}, which is no rule")


def _sorted(rules: Sequence[Rule], problems: Problems) -> tuple[Rule, ...]:
    """Return the rules after what they read, else in the order given; a cycle is a fault that names its members."""
    by_id = {rule.id: rule for rule in rules}
    of_level = {level: [rule.id for rule in rules if rule.churn_level == level] for level in ("A", "B")}
    ordered: dict[str, Rule] = {}
    path: list[str] = []

    def visit(rule: Rule) -> bool:
        if rule.id in ordered:
            return True
        if rule.id in path:
            cycle = " -> ".join([*path[path.index(rule.id) :], rule.id])
            problems.add(rule.where, f"rules read each other in a cycle: {cycle}", "conditions over facts")
            return False
        path.append(rule.id)
        counted = {other for level in rule.levels for other in of_level[level] if other != rule.id}
        if not all(visit(by_id[other]) for other in sorted(rule.signals | counted)):
            return False
        path.pop()
        ordered[rule.id] = rule
        return True

    for rule in rules:
        if not visit(rule):
            return ()
    return tuple(ordered.values())
