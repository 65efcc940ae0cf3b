"""Tables: many rules that differ in a few words are one template and a row each, so that a table stays a table.

In a template ``<column>`` stands for what a row gives under ``with``, in any text of it, keys included. What a row says
beside ``template`` and ``with`` goes before the template; ``params`` and ``text`` are merged key by key.
"""

import re
from collections.abc import Mapping
from typing import Any

_COLUMN = re.compile(r"<(\w+)>")
_WHOLE = re.compile(r"<(\w+)>\Z")
_MERGED = ("params", "text", "let", "route")


class TableFault(Exception):
    """A row that does not fit its template: what is wrong, and what would be valid."""

    def __init__(self, problem: str, valid: str) -> None:
        self.problem, self.valid = problem, valid
        super().__init__(problem)


def row_of(row: Mapping[str, Any], templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the rule that a row of a table stands for; a rule that names no template is returned as it is.

    Raises
    ------
    TableFault
        The template is not there, a column is missing, or one is given that the template has not.
    """
    name = row.get("template")
    if name is None:
        return dict(row)
    if name not in templates:
        raise TableFault(f"no template {name}", ", ".join(sorted(templates)) or "templates: in the same file")
    given = row.get("with") or {}
    if not isinstance(given, dict):
        raise TableFault("with is no mapping", "column: value")
    used: set[str] = set()
    rule = _filled(templates[name], given, used)
    if unused := sorted(given.keys() - used):
        raise TableFault(f"the template {name} has no column {', '.join(unused)}", ", ".join(sorted(used)))
    for key, value in row.items():
        if key in _MERGED and isinstance(value, dict) and isinstance(rule.get(key), dict):
            rule[key] = {**rule[key], **value}
        elif key not in ("template", "with"):
            rule[key] = value
    return dict(rule)


def _filled(value: Any, given: Mapping[str, Any], used: set[str]) -> Any:
    if isinstance(value, dict):
        return {_filled(key, given, used): _filled(part, given, used) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, given, used) for part in value]
    if not isinstance(value, str):
        return value
    if whole := _WHOLE.match(value):
        return _cell(whole[1], given, used)  # alone it keeps its type: a number, a list, a story
    return _COLUMN.sub(lambda found: str(_cell(found[1], given, used)), value)


def _cell(column: str, given: Mapping[str, Any], used: set[str]) -> Any:
    if column not in given:
        raise TableFault(f"the column {column} is missing", ", ".join(sorted(given)))
    used.add(column)
    return given[column]
