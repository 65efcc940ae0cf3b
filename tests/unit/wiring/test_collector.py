"""The garbage collector of a role."""

import gc
from collections.abc import Iterator

import pytest

from signals.wiring.processes import YOUNG_OBJECTS, settle_collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the collector of the test run as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_the_collector_of_a_role_looks_seldom_but_goes_on() -> None:
    """What the start left is looked at no more; cycles made later are still found."""
    settle_collector()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert gc.get_freeze_count() > 1000
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
