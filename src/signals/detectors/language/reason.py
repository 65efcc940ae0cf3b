"""One reason for an outcome."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One comparison (or other condition) that explains an outcome, with the values it saw.

    ``text`` is the condition as written; ``name`` what stands on the left (a let, a fact, else its text) and ``label``
    the reader's words for it; ``threshold`` the right side and ``threshold_param`` the parameter it is; ``unknown``
    the facts to blame when the outcome is ``UNKNOWN``.
    """

    text: str
    name: str = ""
    label: str = ""
    value: object = None
    unit: str = ""
    op: str = ""
    threshold: object = None
    threshold_param: str = ""
    outcome: object = None
    unknown: tuple[str, ...] = ()
