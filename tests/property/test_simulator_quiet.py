"""For any seed: events are valid, told in order, and an account without a plot stays inside every volume threshold."""

from datetime import date
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported
from signals.simulator.company import simulate
from signals.simulator.settings import SimulationSettings

DECODER = msgspec.json.Decoder(AnyEvent)
STARTS = st.dates(date(2024, 1, 1), date(2027, 1, 1)).map(lambda day: day.replace(day=1))


def daily_totals(seed: int, start: date, zone: str) -> dict[str, dict[date, int]]:
    """Return organization -> day -> all units by the last report, of one quiet account of each kind."""
    quiet = SimulationSettings(accounts=11, days=120, seed=seed, start=start, zone=zone, plots=(), late_share=0.0)
    totals: dict[str, dict[date, int]] = {}
    last = simulate(quiet).calendar.midnight(0)
    for record in simulate(quiet).records():
        assert record.received_at >= last
        last = record.received_at
        event = DECODER.decode(record.value)
        if isinstance(event, UsageReported):
            totals.setdefault(event.org_id, {})[event.day] = sum(event.volumes.values())
    return totals


@settings(max_examples=15)
@given(seed=st.integers(0, 2**31), start=STARTS, zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
def test_quiet_accounts_never_drop_four_weeks_in_a_row_nor_move_much(seed: int, start: date, zone: str) -> None:
    """No four drops in a row for any alignment of weeks, 28 days never lose 25 %, no day is five times the median."""
    for days in daily_totals(seed, start, zone).values():
        series = [days[day] for day in sorted(days)]
        weeks = [sum(series[end - 7 : end]) for end in range(7, len(series) + 1)]
        for first in range(len(weeks) - 28):
            five = weeks[first : first + 29 : 7]
            assert not all(newer < older for older, newer in pairwise(five))
        for end in range(56, len(series) + 1):
            now, then = sum(series[end - 28 : end]), sum(series[end - 56 : end - 28])
            assert 0.75 < now / then < 1.25
        middle = sorted(series)[len(series) // 2]
        assert max(series) < 5 * middle
