"""Sentences with names in them, rendered for a reader: ``{account} spends {mrr:money} a month``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from signals.detectors.language.classes import marking
from signals.detectors.language.expression import Expression, compile_expression
from signals.detectors.language.names import NUMBERS, Kind, Names, Param, Scope
from signals.detectors.language.words import FORMATS, usual_format, written
from signals.domain.errors import PackError
from signals.domain.events.base import Event

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_NOUN = re.compile(r"[^|]+\|[^|]+")
_UNSPEAKABLE = frozenset({Kind.SERIES, Kind.LIST, Kind.RECORD})

Piece = str | tuple[Callable[[Scope], object], str]
"""Text, or a value and the format to write it in."""


@dataclass(frozen=True, eq=False)
class Template:
    """A checked text. ``render`` is pure; a value that is unknown reads "unknown".

    Names are lets, facts, parameters, attributes of the item, ``event.x``, ``opened.x``, and ``account`` (its name).
    Formats are ``words.FORMATS``, or a noun as ``{tickets:ticket|tickets}``; without one the kind decides. ``{{`` and
    ``}}`` are braces.
    """

    text: str
    pieces: tuple[Piece, ...]
    reads: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    """Names it reads after ``opened.``."""

    @property
    def fixed(self) -> str:
        """The sentence of a template without values; "" of one that has some."""
        texts = [piece for piece in self.pieces if isinstance(piece, str)]
        return "".join(texts) if len(texts) == len(self.pieces) else ""

    def render(self, scope: Scope) -> str:
        """Return the sentence for this scope, what is sensitive in it marked (``domain.privacy``)."""
        zone = scope.zone
        return "".join(
            piece if isinstance(piece, str) else written(piece[0](scope), piece[1], zone) for piece in self.pieces
        )


def compile_template(
    text: str,
    *,
    names: Names,
    params: Mapping[str, Param] | None = None,
    lets: Mapping[str, Expression] | None = None,
    item: tuple[str, Mapping[str, Kind]] | None = None,
    event: type[Event] | Sequence[type[Event]] | None = None,
    opened: Mapping[str, Expression] | None = None,
    where: str = "template",
) -> Template:
    """Check a text; raises ``PackError`` for an unknown name, a format that does not fit, or a lone brace."""
    pieces: list[Piece] = []
    reads: set[str] = set()
    frozen: set[str] = set()
    try:
        parsed = list(Formatter().parse(text.strip()))
    except ValueError as error:
        raise PackError(where, f"not a template: {error}", "{name}, {name:format}, {{ for a brace") from None
    for literal, name, form, conversion in parsed:
        if literal:
            pieces.append(literal)
        if name is None:
            continue
        if conversion or not _NAME.fullmatch(name):
            raise PackError(where, f"{{{name}}} is not a name", "a name; write a let for anything longer")
        if name == "account":
            pieces.append((lambda scope: scope.account, ""))
            continue
        value = compile_expression(
            name, names=names, params=params, lets=lets, item=item, event=event, opened=opened, where=where
        )
        pieces.append((marking(value.evaluate, value.sensitive), _checked_format(name, value.kind, form or "", where)))
        reads |= value.reads
        frozen |= value.frozen
    return Template(text.strip(), tuple(pieces), frozenset(reads), frozenset(frozen))


def _checked_format(name: str, kind: Kind, form: str, where: str) -> str:
    if kind in _UNSPEAKABLE:
        raise PackError(where, f"{{{name}}} is a {kind}", "len or another let that gives a value")
    if not form:
        return usual_format(kind)
    if form not in FORMATS and not _NOUN.fullmatch(form):
        raise PackError(where, f"unknown format {form} of {{{name}}}", ", ".join((*FORMATS, "ticket|tickets")))
    if kind not in FORMATS.get(form, NUMBERS):
        fitting = ", ".join(each for each, kinds in FORMATS.items() if kind in kinds)
        raise PackError(where, f"{{{name}:{form}}}: {name} is a {kind}", fitting or "no format")
    return form
