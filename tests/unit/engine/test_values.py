"""Frozen values survive being text; a band changes with about a quarter."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.detectors.language.names import UNKNOWN, AtLeast, Kind
from signals.engine.values import band, exact, restore


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, Kind.COUNT), (-12, Kind.COUNT), (Decimal("0.123456789012345678901"), Kind.SHARE),
        (Decimal("1666.67"), Kind.MONEY), (Decimal("1E+3"), Kind.NUMBER), (True, Kind.BOOL), (False, Kind.BOOL),
        (date(2026, 2, 28), Kind.DATE), (timedelta(days=3, microseconds=5), Kind.DURATION),
        (datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=UTC), Kind.INSTANT), ("Acme", Kind.TEXT), ("", Kind.TEXT),
        (frozenset({"a", "b"}), Kind.SET), (frozenset(), Kind.SET), (None, Kind.MONEY),
    ],
)  # fmt: skip
def test_a_frozen_value_comes_back_as_it_was(value: object, kind: Kind) -> None:
    """Exactly, with its type."""
    restored = restore(exact(value), kind)

    assert restored == value
    assert type(restored) is type(value)


@pytest.mark.parametrize(("text", "kind"), [
    ("Acme", Kind.MONEY), ("1.5", Kind.COUNT), ("soon", Kind.DATE), ("1", Kind.INSTANT), ("x", Kind.DURATION),
    (exact(UNKNOWN), Kind.MONEY), (exact(AtLeast(5)), Kind.COUNT),
])  # fmt: skip
def test_what_is_no_value_of_its_kind_is_unknown(text: str, kind: Kind) -> None:
    """Unknown when frozen, or frozen by an earlier version of the rule as something else: never an error."""
    assert restore(text, kind) is UNKNOWN


@given(st.decimals(min_value=Decimal("0.001"), max_value=Decimal("1e9"), places=3))
def test_a_tenth_more_is_at_most_one_band_further_and_a_third_more_is_another(number: Decimal) -> None:
    """Cards are edited when a number has moved by about a quarter, not for every hundredth."""
    assert band(number) == band(number)
    assert band(number * Decimal("1.34")) != band(number)
    assert band(-number) == "-" + band(number)


@given(st.integers(-999, 999), st.integers(-999, 999))
def test_bands_do_not_mix_up_signs(one: int, other: int) -> None:
    """Two numbers of one band have one sign."""
    if band(one) == band(other):
        assert (one > 0) == (other > 0)
