"""Which sensitive texts the value of an expression may hold: known when a rule is loaded, not when it is looked at.

Numbers, days and truths say nothing of a person by themselves: how many people were active is no personal data. A text
is as sensitive as every text it may be made of; that errs on the safe side.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from signals.detectors.language.names import UNKNOWN, Kind, Scope
from signals.detectors.language.tree import Attribute, Choice, EventField, FactRef, LetRef, Node, Opened
from signals.detectors.language.words import written
from signals.domain.classes import SENSITIVE, FieldClass, classes_of
from signals.domain.privacy import mark, stand_in

_TEXTS = frozenset({Kind.TEXT, Kind.SET, Kind.ANY, Kind.RECORD, Kind.LIST})


class Fields(dict[str, Kind]):
    """Attributes of an element, some of them sensitive."""

    def __init__(
        self, fields: Mapping[str, Kind], *, personal: Iterable[str] = (), free_text: Iterable[str] = ()
    ) -> None:
        super().__init__(fields)
        self.classes = dict.fromkeys(personal, FieldClass.PERSONAL)
        self.classes |= dict.fromkeys(free_text, FieldClass.FREE_TEXT)


def sensitive(node: Node) -> frozenset[FieldClass]:
    """Return the sensitive classes of what the node's value may hold; empty for most."""
    if node.kind not in _TEXTS:
        return frozenset()
    match node:
        case FactRef(fact=fact):
            return fact.sensitive
        case Attribute(base=base, name=name):
            fields = base.fields
            known = fields.classes.get(name) if isinstance(fields, Fields) else None
            return frozenset() if known is None else frozenset({known})
        case EventField(name=name):
            return classes_of(name) & SENSITIVE
        case LetRef(let=let):
            return sensitive(let.node)
        case Opened(of=of):
            return sensitive(of)
        case Choice(then=then, other=other):
            return sensitive(then) | sensitive(other)
        case _:
            return frozenset[FieldClass]().union(*(sensitive(part) for part in node.parts))


def marking(
    compute: Callable[[Scope], object], classes: frozenset[FieldClass], write: Callable[[Any], str] | None = None
) -> Callable[[Scope], object]:
    """Return *compute*, its texts marked; as it is when *classes* is empty."""
    if not classes:
        return compute

    def marked(scope: Scope) -> object:
        value = compute(scope)
        if value is UNKNOWN or value is None:
            return value
        text = written(value, "", scope.zone) if write is None else write(value)
        return mark(text, classes, stand_in(classes, scope.role_of(value)))

    return marked
