"""Rows of text in columns."""

from collections.abc import Sequence

WIDEST = 44
"""Characters after which a column stops growing; a longer text pushes its own row to the right."""


def columns(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Return a line per row, columns as wide as what stands in them; rows have equally many.

    >>> columns([("name", "leads"), ("ann", "2")])
    ['name  leads', 'ann   2']
    """
    wide = [min(WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    return [
        (indent + "  ".join(text.ljust(width) for text, width in zip(row, wide, strict=True))).rstrip() for row in rows
    ]
