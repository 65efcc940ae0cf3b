"""A simulation as files: lines that produce and replay can read, and a truth that comes back."""

from dataclasses import replace
from pathlib import Path

import msgspec

from signals.domain.events.kinds import AnyEvent
from signals.simulator.company import simulate
from signals.simulator.files import read_truth, write_files
from signals.simulator.settings import TINY


def test_written_twice_the_files_are_the_same(tmp_path: Path) -> None:
    """Same settings, same bytes on disk."""
    one = write_files(simulate(TINY), tmp_path / "one")
    two = write_files(simulate(TINY), tmp_path / "two")

    assert one.events_path.read_bytes() == two.events_path.read_bytes()
    assert one.truth_path.read_bytes() == two.truth_path.read_bytes()


def test_each_line_has_topic_key_value_and_arrival(tmp_path: Path) -> None:
    """A line of a good history is an object with the four fields, and its value is a canonical event."""
    written = write_files(simulate(replace(TINY, days=20)), tmp_path)

    for line in written.events_path.read_bytes().splitlines():
        fields = msgspec.json.decode(line)
        assert set(fields) == {"topic", "key", "value", "received_at"}
        assert msgspec.convert(fields["value"], AnyEvent).org_id == fields["key"]
    assert sum(written.events.values()) == written.events_path.read_bytes().count(b"\n")


def test_broken_json_is_written_as_a_text(tmp_path: Path) -> None:
    """What is no JSON object stands as the text of its bytes, so that the line itself stays readable."""
    written = write_files(simulate(replace(TINY, days=60, bad_input_share=0.1)), tmp_path)
    values = [msgspec.json.decode(line)["value"] for line in written.events_path.read_bytes().splitlines()]

    assert any(isinstance(value, str) for value in values)
    assert any(isinstance(value, dict) for value in values)


def test_the_truth_comes_back(tmp_path: Path) -> None:
    """Reading gives what was written."""
    simulation = simulate(TINY)

    assert read_truth(write_files(simulation, tmp_path).truth_path) == simulation.truth
