"""Generated Python for the question that is asked most: whether each element fails some term of a condition.

One function for a whole rule: a loop over the elements, in it the terms one after the other, lets as plain variables,
facts fetched at most once. It costs a third of asking the compiled condition for each element.
"""

from collections.abc import Callable, Sequence

from signals.detectors.language.emit import Emitter
from signals.detectors.language.tree import Attribute, ExpressionError, FactRef, LetRef, Local, Node, Quantifier, walk

Failing = Callable[..., int]
"""``failing(look, elements)``; *look* is a scope whose ``item`` may be set."""


def compile_failing(terms: Sequence[Node]) -> tuple[Failing, str]:
    """Return the function and its source.

    It returns a bit for each term that refuted an element: the term's number when it was false, that number plus how
    many terms there are when it was unknown. -1: some element passes all terms, or cannot be looked at this way (a
    mapping).
    """
    writer = _Writer()
    size = len(terms)
    body: list[str] = []
    for number, term in enumerate(terms):
        body += writer.lets(term)
        body.append(f"t = {writer.truth(term)}")
        body.append("if t is not True:")
        body.append(f"    bits |= {1 << number} if t is False else {1 << (number + size)}")
        body.append("    continue")
    lines = [
        "def failing(s, items):",
        "    fact = s.fact",
        *(f"    {name} = fact" for name in writer.facts.values()),
        "    bits = 0",
        "    for item in items:",
        "        if item.__class__ is mapping:",
        "            return -1",
        "        s.item = item",
        *(f"        {line}" for line in body),
        "        return -1",
        "    return bits",
    ]
    source = "\n".join(lines)
    try:
        code = compile(source, "<condition>", "exec")
    except (MemoryError, RecursionError, SyntaxError):
        raise ExpressionError("nested too deeply", "parts of it in let") from None
    exec(code, writer.scope)  # noqa: S102  # our own text from checked nodes
    made: Failing = writer.scope["failing"]  # type: ignore[assignment]  # made by the line above
    return made, source


class _Writer(Emitter):
    """Writes terms as statements' values, within the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.scope["mapping"] = dict
        self.facts: dict[str, str] = {}
        """Fact -> the variable that holds it; the fetching function itself stands for "not fetched yet"."""
        self._known: dict[str, str] = {}
        self._inside = 0

    def lets(self, term: Node) -> list[str]:
        """Return the assignments of what *term* reads and no earlier term did, in the order they need each other."""
        found: list[str] = []
        for node in walk(term):
            if isinstance(node, LetRef) and node.name not in self._known:
                found += self.lets(node.let.node)
                name = self.name("v")
                found.append(f"{name} = {self.value(node.let.node)}")
                self._known[node.name] = name
        return found

    def value(self, node: Node) -> str:
        """Return the text of a value."""
        match node:
            case FactRef(fact=fact) if not self._inside:
                name = self.facts.setdefault(fact.name, f"f{len(self.facts)}")
                return f"({name} if {name} is not fact else ({name} := fact({fact.name!r})))"
            case FactRef(fact=fact):  # a lambda has its own variables
                return f"fact({fact.name!r})"
            case LetRef(name=name):
                return self._known[name]
            case Local(slot=""):
                return "item"
            case Attribute(base=Local(slot=""), name=name):
                return f"item.{name}"
            case Quantifier():
                self._inside += 1
                text = super().value(node)
                self._inside -= 1
                return text
            case _:
                return super().value(node)


__all__ = ["Failing", "compile_failing"]
