"""What peers have in common: the usual gap exactly counted, weights that learn, one observation an account."""

import msgspec
import pytest

from signals.learning.cadence import BUILT_IN, Cadence, came, lapse_chance
from signals.learning.peers import FIRST_GAP, Peers, Trial, begun, ended, judged, seen

START = 739_000


def told(peers: Peers, gap: int, days: int = 12) -> tuple[Peers, Cadence]:
    """Return the peers with one more account, that came every *gap* days, and its rhythm."""
    known = Cadence()
    for number in range(days):
        before, known = known, came(known, START + gap * number)
        peers = seen(peers, before, known, 1.0)
    return peers, known


def test_nothing_known_is_the_first_gap() -> None:
    """Of no account at all."""
    assert Peers().usual_gap == pytest.approx(FIRST_GAP, rel=0.13)


def test_the_usual_gap_is_the_median_of_the_accounts() -> None:
    """Frequent accounts count once, as rare ones do."""
    peers = Peers()
    for gap in [3] * 40 + [14] * 60 + [200] * 45:
        peers, _ = told(peers, gap, days=60 if gap == 3 else 4)

    assert peers.usual_gap == pytest.approx(14, rel=0.13)
    assert sum(peers.sketch) == 145


def test_an_account_whose_gap_changes_is_counted_once() -> None:
    """It moves within the sketch."""
    peers, known = told(Peers(), 3)
    slower = came(known, known.last + 400)
    peers = seen(peers, known, slower, 1.0)

    assert sum(peers.sketch) == 1


def test_the_state_of_the_peers_is_bounded() -> None:
    """Two kilobytes, however many accounts, and the same after a restart."""
    peers = Peers()
    for gap in range(1, 300):
        peers, known = told(peers, gap, days=4)
        peers = judged(peers, begun(known, peers.norm()))
    packed = msgspec.msgpack.encode(peers)

    assert len(packed) < 2048
    assert msgspec.msgpack.decode(packed, type=Peers) == peers


def test_an_observation_ends_with_the_first_active_day() -> None:
    """Later ones change nothing, nor does the day it began with."""
    _, known = told(Peers(), 7)
    trial = begun(known, Peers().norm())

    assert ended(trial, known.last).gap == 0
    assert ended(ended(trial, known.last + 5), known.last + 9).gap == 5


def test_weights_move_towards_what_was_seen() -> None:
    """Where everybody stays away the chance rises, where everybody comes back it falls."""
    _, known = told(Peers(), 7)
    norm = Peers().norm()
    gone = back = Peers()
    for _ in range(30):
        gone, back = judged(gone, begun(known, norm)), judged(back, ended(begun(known, norm), known.last + 60))
    before, lost, kept = (
        lapse_chance(known, 30, norm._replace(weights=one)) for one in (BUILT_IN, gone.weights, back.weights)
    )

    assert kept < before < lost


def test_a_silence_that_ended_at_once_teaches_nothing() -> None:
    """No age was reached at which one would have looked."""
    _, known = told(Peers(), 7)

    assert judged(Peers(), ended(begun(known, Peers().norm()), known.last + 1)).weights == BUILT_IN


def test_an_observation_is_small() -> None:
    """It is kept for every account."""
    _, known = told(Peers(), 7)
    trial = begun(known, Peers().norm())

    assert len(msgspec.msgpack.encode(trial)) < 120
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(trial), type=Trial) == trial
