"""Strong three-valued logic for facts that are computed in Python, as the rule language has it for expressions."""

from signals.detectors.language.names import UNKNOWN, Truth


def all_hold(*parts: Truth) -> Truth:
    """Return strong three-valued "and".

    >>> all_hold(True, UNKNOWN), all_hold(UNKNOWN, False)
    (UNSET, False)
    """
    if any(part is False for part in parts):
        return False
    return True if all(part is True for part in parts) else UNKNOWN


def any_holds(*parts: Truth) -> Truth:
    """Return strong three-valued "or"."""
    if any(part is True for part in parts):
        return True
    return False if all(part is False for part in parts) else UNKNOWN


def denied(part: Truth) -> Truth:
    """Return three-valued "not"."""
    return UNKNOWN if part is UNKNOWN else part is False
