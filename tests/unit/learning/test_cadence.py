"""The rhythm of active days: gaps go in once, in order."""

from signals.learning.cadence import Cadence, came


def test_the_first_day_is_no_gap() -> None:
    """Nothing is known of a rhythm after one day."""
    assert came(Cadence(), 700_000) == Cadence(700_000)


def test_a_day_told_again_or_out_of_order_changes_nothing() -> None:
    """Only a later day is a gap."""
    known = came(came(Cadence(), 100), 107)

    assert came(known, 107) is known
    assert came(known, 104) is known


def test_the_mean_is_that_of_the_gaps() -> None:
    """Gaps of 7, 1 and 4 days have the mean 4."""
    known = Cadence()
    for day in (100, 107, 108, 112):
        known = came(known, day)

    assert (known.gaps, known.mean) == (3, 4.0)
