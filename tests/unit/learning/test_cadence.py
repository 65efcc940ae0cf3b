"""The rhythm of active days, and the chance that a silence lasts: bounded, and shrunk to the peers."""

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.learning.cadence import (
    BINS,
    BUILT_IN,
    FEATURES,
    OWN_MEAN_WEIGHT,
    Cadence,
    Norm,
    came,
    features,
    lapse_chance,
    shrunk_gap,
)

PEERS = Norm(usual_gap=10.0, size=0.0, weights=BUILT_IN)
START = 739_000

DAYS = st.lists(st.integers(START, START + 2000), min_size=1, max_size=60)


def rhythm(*gaps: int) -> Cadence:
    """Return the cadence of an account with those gaps."""
    day, known = START, came(Cadence(), START)
    for gap in gaps:
        day += gap
        known = came(known, day)
    return known


def test_the_first_day_is_no_gap() -> None:
    """Nothing is known of a rhythm after one day."""
    assert came(Cadence(), START) == Cadence(first=START, last=START, days=1)
    assert rhythm().mean_gap == 0


def test_a_day_told_again_or_out_of_order_changes_nothing() -> None:
    """Only a later day is a gap."""
    known = rhythm(7)

    assert came(known, START + 7) is known
    assert came(known, START + 4) is known


def test_gaps_are_counted_by_their_length() -> None:
    """At the upper end of a length, just above it, and longer than all."""
    known = rhythm(BINS[0], BINS[0] + 1, BINS[-1], BINS[-1] + 1)

    assert known.gaps == (1, 1, *(0,) * (len(BINS) - 3), 1, 1)


def test_the_longest_gap_stays_and_the_longest_lately_fades() -> None:
    """After a long gap and ten short ones."""
    known = rhythm(100, *(2,) * 10)

    assert known.lately == pytest.approx(100 * 0.9**10, abs=0.5)


@given(DAYS, st.integers(0, 2000))
def test_a_cadence_stays_small_and_is_stored_as_it_is(days: list[int], silent: int) -> None:
    """Whatever comes, a hundred bytes, and the same after a restart; the chance stays one."""
    known = Cadence()
    for day in days:
        known = came(known, day, float(day % 7))
    packed = msgspec.msgpack.encode(known)

    assert len(packed) <= 100
    assert msgspec.msgpack.decode(packed, type=Cadence) == known
    assert 0 <= lapse_chance(known, silent, PEERS) <= 1


def test_with_no_gap_of_its_own_an_account_has_its_peers_gap() -> None:
    """And with many it has nearly its own."""
    assert shrunk_gap(rhythm(), PEERS.usual_gap) == PEERS.usual_gap
    assert shrunk_gap(rhythm(*(3,) * 99), PEERS.usual_gap) == pytest.approx(
        (3 * 99 + OWN_MEAN_WEIGHT * PEERS.usual_gap) / (99 + OWN_MEAN_WEIGHT)
    )


def test_there_is_a_weight_and_a_name_for_each_feature() -> None:
    """One list beside the other."""
    assert len(features(rhythm(3, 4), 5, PEERS)) == len(FEATURES) == len(BUILT_IN)


def test_scales_of_days_cancel_out() -> None:
    """Twice the gaps and twice the silence are judged the same; only the lapse time is not all in gaps."""
    shared = [index for index, name in enumerate(FEATURES) if name in {"one", "days", "size", "silence_by_own_gap"}]
    short = features(rhythm(*(4,) * 20), 399, PEERS)
    long = features(rhythm(*(8,) * 20), 799, PEERS._replace(usual_gap=20.0))

    assert [short[index] for index in shared] == pytest.approx([long[index] for index in shared], abs=0.01)


def test_the_chance_grows_with_the_silence() -> None:
    """Day by day, up to certainty once it is a lapse; in the first week it may lie level, a point more or less."""
    known = rhythm(*(7,) * 14)
    chances = [lapse_chance(known, silent, PEERS) for silent in range(60)]

    assert all(later > earlier - 0.01 for earlier, later in pairwise(chances))
    assert chances[7:45] == sorted(chances[7:45])
    assert chances[0] < 0.05
    assert lapse_chance(known, PEERS.lapse_days, PEERS) == 1
    assert lapse_chance(known, PEERS.lapse_days - 1, PEERS) < 1


def test_the_same_silence_is_worse_for_who_comes_more_often() -> None:
    """Three weeks mean little to who comes monthly, and much to who comes every other day."""
    often, rarely = rhythm(*(2,) * 40), rhythm(*(30,) * 6)

    assert lapse_chance(often, 21, PEERS) > 2 * lapse_chance(rarely, 7, PEERS)


def test_a_new_account_is_judged_by_its_peers_gap() -> None:
    """The same silence of an account without a gap of its own: peers that come daily, peers that come monthly."""
    daily, monthly = PEERS._replace(usual_gap=2.0), PEERS._replace(usual_gap=30.0)

    assert lapse_chance(rhythm(), 21, daily) > lapse_chance(rhythm(), 21, monthly)
