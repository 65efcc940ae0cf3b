"""The arithmetic of activation: when criteria are met, and the funnel of many intents."""

from decimal import Decimal

from signals.detectors.activation import Criterion, Rates, met_on


def test_all_criteria_have_to_be_met() -> None:
    """The day is that of the last one; one that is never met leaves none."""
    days = {"look": [0, 3, 2, 0], "filter": [0, 0, 0, 1]}
    counts = lambda action, first, last: days[action][: last - first + 1]  # noqa: E731  # a table to look up
    both = (Criterion("look", 5), Criterion("filter", 1))
    assert met_on(both, counts, 10, 13) == 13
    assert met_on(both, counts, 10, 12) is None
    assert met_on(both[:1], counts, 10, 13) == 12
    assert met_on((), counts, 10, 13) is None


def test_the_funnel_of_the_handbook() -> None:
    """100 intents, 40 activated, 25 of them used on days 61 to 90, and 5 that used it without being activated."""
    cases = [(True, True)] * 25 + [(True, False)] * 15 + [(False, True)] * 5 + [(False, False)] * 55
    rates = Rates.of(cases)
    assert rates == Rates(100, 40, 25)
    assert (rates.activated_share, rates.retained_share) == (Decimal("0.4"), Decimal("0.25"))
    assert rates.retained_of_activated == Decimal("0.625")


def test_without_an_intent_there_is_no_share() -> None:
    """Nothing is divided by zero."""
    none = Rates.of([])
    assert (none.activated_share, none.retained_share, none.retained_of_activated) == (None, None, None)
