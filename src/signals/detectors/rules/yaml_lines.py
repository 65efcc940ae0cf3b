"""YAML that knows its lines, for packs and settings.

A smaller YAML than usual, so that nothing changes its meaning behind the writer's back: ``on`` and ``no`` are texts,
``10:30`` is a text and not 630, dates are texts, fractions are exact ``Decimal``. Keys are texts and not repeated;
aliases are refused.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol

import yaml
from pydantic import ValidationError
from yaml.reader import ReaderError

from signals.domain.errors import ConfigError, PackError

MAX_DEPTH = 50
# Levels of lists and mappings; a pack has about ten.

Loc = tuple[str | int, ...]
"""A path into the data: keys and list indices, as in pydantic's error ``loc``."""


class LineMap(Mapping[Loc, int]):
    """Where each key and list element stands: path -> line, counted from 1."""

    def __init__(self, file: str, lines: Mapping[Loc, int]) -> None:
        self.file = file
        self._lines = dict(lines)

    def __getitem__(self, loc: Loc) -> int:
        return self._lines[loc]

    def __iter__(self) -> Iterator[Loc]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def where(self, loc: Loc = ()) -> str:
        """Return ``file:line`` of the deepest part of the path that was written.

        Parts of a pydantic ``loc`` that are not keys (names of union members) are passed over.
        """
        path: Loc = ()
        for part in loc:
            if (*path, part) in self._lines:
                path = (*path, part)
        return f"{self.file}:{self._lines.get(path, 1)}"

    def problems(self, error: ValidationError, under: Loc = ()) -> Iterator[tuple[str, str, str]]:
        """Yield (where, problem, valid) for each fault pydantic found in the data below *under*."""
        for fault in error.errors(include_url=False):
            loc = (*under, *fault["loc"])
            name = ".".join(str(part) for part in fault["loc"])
            valid = str(fault.get("ctx", {}).get("expected", ""))
            yield self.where(loc), f"{name}: {fault['msg']}" if name else fault["msg"], valid


class MakesError(Protocol):
    """``ConfigError`` or a subclass with the same arguments."""

    def __call__(self, where: str, problem: str, valid: str = "") -> ConfigError:
        """Return the error to raise."""


# The C parser where the wheel has it: a tenth of the time (0.3 s for a catalogue otherwise), the same nodes and lines.
_Parser: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Parser):  # type: ignore[misc, valid-type]  # one of two classes with the same methods
    """Resolves null, true, false and decimal numbers only; everything else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _resolve(tag: str, pattern: str, first: str) -> None:
    for letter in first or [""]:
        _Loader.yaml_implicit_resolvers.setdefault(letter, []).append((tag, re.compile(pattern)))


_NULL, _BOOL, _INT, _FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))
_resolve(_NULL, r"^(?:~|null|)$", "~n")
_resolve(_NULL, r"^$", "")
_resolve(_BOOL, r"^(?:true|false)$", "tf")
_resolve(_INT, r"^[-+]?[0-9]+(?:_[0-9]{3})*$", "-+0123456789")
_resolve(_FLOAT, r"^[-+]?[0-9]+(?:_[0-9]{3})*\.[0-9]+$", "-+0123456789")


def load_yaml(text: str, file: str, *, error: MakesError = PackError) -> tuple[object, LineMap]:
    """Return the data of one YAML document and where its parts stand; raises *error* with ``file:line``."""
    last = max(1, len(text.splitlines()))
    try:
        _check_depth(text, file, error)
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        at = min(mark.line + 1, last) if mark else 1
        raise error(f"{file}:{at}", f"not YAML: {fault.problem or fault}") from None
    except yaml.YAMLError as fault:
        at = text.count("\n", 0, fault.position) + 1 if isinstance(fault, ReaderError) else 1
        raise error(f"{file}:{at}", f"not YAML: {getattr(fault, 'reason', fault)}") from None
    builder = _Builder(file, error)
    data = None if node is None else builder.build(node, ())
    return data, LineMap(file, builder.lines)


def _check_depth(text: str, file: str, error: MakesError) -> None:
    """Raise *error* before anything recurses: composing a very deep document would end the process."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                at = mark.line + 1 if mark else 1
                raise error(f"{file}:{at}", "nested too deeply", f"at most {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def read_yaml(path: Path | Traversable, *, error: MakesError = PackError) -> tuple[object, LineMap]:
    """Return ``load_yaml`` of a file; raises *error* when it is not UTF-8. A missing file raises ``OSError``."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise error(f"{path}:1", "not UTF-8") from None
    return load_yaml(text, str(path), error=error)


class _Builder:
    def __init__(self, file: str, error: MakesError) -> None:
        self.file, self.error = file, error
        self.lines: dict[Loc, int] = {}
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, loc: Loc) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(loc, line)
        if id(node) in self.seen:
            raise self.error(f"{self.file}:{line}", "an alias (*name)", "the value written out, or defaults")
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(each, (*loc, index)) for index, each in enumerate(node.value)]
        return self._scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(f"{self.file}:{line}", "a key that is not a text")
            key = str(key_node.value)
            if key in found or key == "<<":
                raise self.error(
                    f"{self.file}:{line}", f"the key {key!r} twice" if key in found else "a merge key (<<)"
                )
            self.lines[(*loc, key)] = line
            found[key] = self.build(value_node, (*loc, key))
        return found

    def _scalar(self, node: yaml.Node, line: int) -> object:
        text = str(node.value)
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return text == "true"
        if node.tag == _INT:
            return int(text)
        if node.tag == _FLOAT:
            return Decimal(text)
        if node.tag != "tag:yaml.org,2002:str":
            raise self.error(f"{self.file}:{line}", f"the tag {node.tag}", "plain YAML")
        return text
