"""Everything is broken on purpose for a minute, on three brokers: nothing lost, nothing extra, nothing twice.

The long form is ``benchmarks/chaos.py``.
"""

import asyncio
from pathlib import Path

import pytest

from support.brokers import missing_tools
from support.chaos.faults import KINDS, broker_rolling
from support.chaos.run import Outcome, Plan, run
from support.chaos.table import table

pytestmark = [pytest.mark.kafka, pytest.mark.apache, pytest.mark.timeout(400)]

SHORT = Plan(
    faults=12,
    every_s=2.5,
    accounts=10,
    days=60,
    sink_faults=0.04,
    drain_s=120,
    kinds=tuple(kind.name for kind in KINDS if kind.inject is not broker_rolling),
)
"""Every kind of fault once, but the rolling restart, which alone takes half a minute."""


@pytest.fixture(autouse=True)
def _apache() -> None:
    """Skip where Apache Kafka cannot be started; the cluster is the test's own, whatever else runs."""
    if missing := missing_tools():
        pytest.skip(f"no Apache Kafka: {missing} not installed")


def outcome_of(plan: Plan, folder: Path) -> Outcome:
    """Run *plan*; what it says goes to the test's output."""
    outcome = asyncio.run(run(plan, folder, print))
    print(table(outcome))  # noqa: T201  # shown when the test fails
    return outcome


def test_a_dozen_faults_lose_and_double_nothing(tmp_path: Path) -> None:
    """Workers killed, paused, cut off and set wrong; brokers killed, paused and restarted; services failing."""
    outcome = outcome_of(SHORT, tmp_path)
    assert outcome.clean, table(outcome)
    assert len(outcome.faults) >= 12


def test_the_harness_sees_a_worker_that_acknowledges_first(tmp_path: Path) -> None:
    """Detect calls messages done before they are, and is killed: the verdict must say what is missing."""
    plan = Plan(
        faults=8, every_s=2.0, accounts=24, days=60, drain_s=20, sink_faults=0.0, kinds=("worker SIGKILL",),
        sabotage="acknowledge-first",
    )  # fmt: skip
    outcome = outcome_of(plan, tmp_path)
    assert outcome.counts["signal-events"].lost > 0
    assert not outcome.clean
