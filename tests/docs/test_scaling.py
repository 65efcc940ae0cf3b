"""docs/scaling.md says what benchmarks/capacity.py computes, and that computes what it says."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def capacity() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("capacity", ROOT / "benchmarks/capacity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["capacity"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_holds_the_tables_as_computed(capacity: ModuleType) -> None:
    """Write them again with ``python benchmarks/capacity.py --write``."""
    page = (ROOT / "docs/scaling.md").read_text()

    assert page == capacity.written(page)


@pytest.mark.parametrize("size", [1_000, 30_000, 100_000, 10_000_000])
def test_a_plan_keeps_every_limit_it_names(capacity: ModuleType, size: int) -> None:
    """Memory, recovery and midnight of one worker, and no member without a partition."""
    made = capacity.plan(size, capacity.KNOWN)

    assert made.table_memory_gb_per_worker * 1e9 <= capacity.WORKER_BYTES * capacity.HEADROOM
    assert made.recovery_s <= capacity.RECOVERY_S
    assert made.midnight_s_per_worker <= capacity.MIDNIGHT_S * (1 + 1e-9)  # a quotient may be whole
    assert made.partitions >= 2 * made.detect_workers
    assert made.partitions % 8 == 0


def test_twice_the_cost_never_needs_less(capacity: ModuleType) -> None:
    """Every unit cost counts somewhere, in the right direction."""
    plain = capacity.plan(10_000_000, capacity.KNOWN)
    dearer = replace(capacity.KNOWN, stored_bytes=2 * capacity.KNOWN.stored_bytes, quiet_day_us=4_000.0)
    more = capacity.plan(10_000_000, dearer)

    assert more.detect_workers > plain.detect_workers
    assert more.changelog_gb_per_day == pytest.approx(2 * plain.changelog_gb_per_day)
