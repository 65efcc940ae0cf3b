"""The simulator's company through the engine: exactly the planted signals, nothing missed, nothing else."""

from functools import lru_cache
from importlib.resources import files

import pytest

from signals.backtest.replay import Replayed, replay
from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.rules.loader import load_packs
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.ingest.decode import RecordDecoder
from signals.ingest.lines import LineReader
from signals.simulator.company import Simulation, simulate
from signals.simulator.files import to_line
from signals.simulator.score import Score, score
from signals.simulator.settings import PRESETS
from signals.streams.codec import encode_json

PARTITIONS = 8


@lru_cache
def _catalogue() -> Catalogue:
    """Return the rules that plots are written for: what the whole catalogue makes of a company is another scenario."""
    whole = Catalogue(load_packs([files("signals.detectors.rules") / "packs"], names=VOCABULARY), VOCABULARY)
    return whole.around(one.rule for preset in ("tiny", "demo") for one in simulate(PRESETS[preset]).truth)


def _replayed(simulation: Simulation) -> Replayed:
    records = LineReader(PARTITIONS).read(to_line(record) for record in simulation.records())
    return replay(
        records,
        decoder=RecordDecoder(PARTITIONS),
        catalogue=_catalogue(),
        policy=Policy(),
        until=simulation.end,
    )


@lru_cache
def _scored(preset: str) -> tuple[Replayed, Score]:
    simulation = simulate(PRESETS[preset])
    result = _replayed(simulation)
    return result, score(simulation.truth, result.transitions, result.suppressions)


@pytest.mark.parametrize("preset", ["tiny", "demo"])
def test_every_planted_signal_is_found(preset: str) -> None:
    """Nothing the simulator planted is missed."""
    _, scored = _scored(preset)

    assert not scored.missed, scored.text()
    assert scored.planted


@pytest.mark.parametrize("preset", ["tiny", "demo"])
def test_nothing_fires_that_was_not_planted(preset: str) -> None:
    """Besides the planted signals and their named companions nothing opens."""
    _, scored = _scored(preset)

    assert not scored.unexpected, scored.text()


def test_every_record_is_accounted_for() -> None:
    """Each record is applied, repeated, dead, skipped or closing; the rejected ones are the planted bad input."""
    simulation = simulate(PRESETS["demo"])
    result, _ = _scored("demo")
    planted = sorted(str(record.dead) for record in simulation.records() if record.dead is not None)

    taken = result.applied + result.duplicates + len(result.dead) + result.beyond
    assert result.records == taken + len(result.rejected) + result.skipped + result.controls
    assert sorted(str(one.reason) for one in result.rejected) == planted


def test_the_same_history_gives_the_same_bytes() -> None:
    """Two replays of one history publish byte-identical lines."""
    first, _ = _scored("tiny")
    second = _replayed(simulate(PRESETS["tiny"]))

    assert [encode_json(one) for one in second.transitions] == [encode_json(one) for one in first.transitions]
    assert first.transitions
