"""Three values: true, false, not known."""

from signals.detectors.facts.logic import all_hold, any_holds, denied
from signals.detectors.language.names import UNKNOWN


def test_unknown_stays_unknown_unless_the_rest_decides() -> None:
    """Of "and", "or" and "not"; nothing at all holds for "and" and not for "or"."""
    assert (all_hold(True, UNKNOWN), all_hold(False, UNKNOWN), any_holds(True, UNKNOWN)) == (UNKNOWN, False, True)
    assert (any_holds(False, UNKNOWN), denied(UNKNOWN), denied(True)) == (UNKNOWN, UNKNOWN, False)
    assert (all_hold(True, True), any_holds(False, False), all_hold(), any_holds()) == (True, False, True, False)
