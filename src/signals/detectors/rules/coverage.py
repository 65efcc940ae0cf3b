"""How much of the handbook's catalogue is there: every id with its state, its rule and its numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from signals.detectors.contract import Rule, Stage
from signals.detectors.language.names import Kind, Param
from signals.detectors.language.words import canonical
from signals.detectors.rules.problems import Problems
from signals.detectors.rules.schema import Model, Text
from signals.detectors.rules.yaml_lines import read_yaml

State = Literal["live", "shadow", "off", "alias", "needs input", "not a rule", "missing"]


class NoRule(Model):
    """Why an id has no rule: ``needs_input`` names the event that would feed one, or it is ``not_a_rule``."""

    needs_input: str = ""
    not_a_rule: Text | None = None
    why: Text | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "NoRule":
        if bool(self.needs_input) is (self.not_a_rule is not None):
            raise ValueError("wants {needs_input: event_kind, why: ...} or {not_a_rule: why}")
        return self


class Handbook(Model):
    """The ids of the catalogue by family, rules that carry a part of one, and ids that are no rule."""

    ids: dict[str, list[str]]
    parts: dict[str, str] = Field({})
    """Rule of ours -> the id a part of which it carries."""
    not_rules: dict[str, NoRule] = Field({})


@dataclass(frozen=True)
class Listed:
    """One line of ``signals catalogue``.

    Parameters
    ----------
    about
        For an alias the rule it stands beside, for a missing input the event, for what is no rule the reason.
    where
        ``file:line`` of the rule; empty without one.
    own
        It is a rule of the user's, not of the handbook.
    """

    id: str
    family: str
    state: State
    about: str = ""
    title: str = ""
    kind: str = ""
    source: str = ""
    where: str = ""
    params: tuple[Param, ...] = ()
    own: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the line as plain values: text, lists, dictionaries."""
        return {
            "id": self.id,
            "family": self.family,
            "state": self.state,
            "about": self.about,
            "title": self.title,
            "kind": self.kind,
            "source": self.source,
            "rule": self.where,
            "own": self.own,
            "params": [
                {"name": one.name, "value": canonical(one.value), "unit": unit_of(one), "source": one.source,
                 "doc": one.doc} for one in self.params
            ],
        }  # fmt: skip


def unit_of(param: Param) -> str:
    """Return the unit of a parameter's value as ``canonical`` writes it: durations in days.

    >>> unit_of(Param("at_least", 3, "people", "proposed"))
    'people'
    """
    return "days" if param.kind is Kind.DURATION else param.unit


def handbook() -> Handbook:
    """Return the list that ships with the package.

    Raises
    ------
    PackError
        The list is not well formed; file and line are named.
    """
    data, lines = read_yaml(files("signals.detectors.rules") / "handbook.yaml")
    try:
        return Handbook.model_validate(data)
    except ValidationError as error:
        problems = Problems()
        for where, problem, valid in lines.problems(error):
            problems.add(where, problem, valid)
        problems.raise_any()
        raise


def coverage(rules: Iterable[Rule], known: Handbook) -> tuple[Listed, ...]:
    """Return every id of the handbook in its order, then rules of the user's own."""
    by_id = {rule.id: rule for rule in rules}
    found = [
        _listed(name, family, by_id.pop(name, None), known.not_rules)
        for family, names in known.ids.items()
        for name in names
    ]
    found += [_of_rule(rule, rule.family.value, own=True) for rule in by_id.values()]
    return tuple(found)


def _listed(name: str, family: str, rule: Rule | None, reasons: Mapping[str, NoRule]) -> Listed:
    if rule is not None:
        return _of_rule(rule, family)
    reason = reasons.get(name)
    if reason is None:
        return Listed(name, family, "missing")
    if reason.needs_input:
        return Listed(name, family, "needs input", f"{reason.needs_input}: {reason.why or ''}".rstrip(": "))
    return Listed(name, family, "not a rule", reason.not_a_rule or "")


def _of_rule(rule: Rule, family: str, *, own: bool = False) -> Listed:
    states: Mapping[Stage, State] = {Stage.LIVE: "live", Stage.SHADOW: "shadow", Stage.OFF: "off"}
    return Listed(
        rule.id,
        family,
        "alias" if rule.alias_of and rule.stage is Stage.LIVE else states[rule.stage],
        rule.alias_of or "",
        rule.title,
        str(rule.kind),
        rule.source,
        rule.where,
        tuple(rule.params.values()),
        own,
    )
