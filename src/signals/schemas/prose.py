"""What the models say about their fields: the strings under the fields in the source."""

import ast
import inspect
import re
import textwrap
from functools import cache

import msgspec

_ROLE = re.compile(r"``([^`]*)``")


@cache
def field_prose(model: type[msgspec.Struct]) -> dict[str, str]:
    """Return, per field, the docstring that stands under it in the class or in a base, one line each.

    >>> from signals.domain.events.usage import UsageReported
    >>> field_prose(UsageReported)["members"]
    "People with a login at the day's end."
    """
    prose: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if not (issubclass(cls, msgspec.Struct) and cls is not msgspec.Struct):
            continue
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class is a class statement
        for statement, following in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            ):
                prose[statement.target.id] = one_line(following.value.value)
    return prose


def one_line(text: str) -> str:
    """Return *text* with its white space and line breaks as single blanks."""
    return " ".join(text.split())


def as_markdown(text: str) -> str:
    """Return *text* with the double backticks of docstrings as single ones, safe in a table cell."""
    return _ROLE.sub(r"`\1`", text).replace("|", "\\|")
