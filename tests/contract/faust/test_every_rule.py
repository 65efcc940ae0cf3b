"""The suite itself: every rule it stands for has tests, and every patch one that shows what happens without it."""

import ast
from pathlib import Path

import pytest

from signals.streams import faust_patches

HERE = Path(__file__).parent
INTEGRATION = HERE.parents[1] / "integration" / "streams"

RULES = {
    "1": ("test_there_is_one_agent_that_takes_one_message_at_a_time", "test_a_commit_never_passes_a_message_in_flight"),
    "2": ("test_faust_acknowledges_a_message_its_agent_failed_on", "test_our_agent_leaves_before_the_acknowledge"),
    "4": ("test_a_write_outside_the_agent_is_refused", "test_a_write_goes_to_the_partition_of_the_message"),
    "6": ("test_nothing_is_fetched_when_all_is_paused", "test_no_partitions_are_all_partitions_to_aiokafka",
          "test_restarts_under_load_lose_nothing"),
    "10": ("test_a_refused_first_commit_is_made_good",
           "test_messages_thrown_away_stop_all_commits_of_their_partition"),
    "13": ("test_faust_gets_past_one_hole_per_commit", "test_one_commit_gets_past_all_holes"),
    "14": ("test_faust_empties_the_queue_of_an_active_flow", "test_restarts_under_load_lose_nothing",
           "test_without_the_patch_a_restart_loses_messages"),
    "15": ("test_without_the_patch_a_commit_does_not_wait_for_the_changelog",
           "test_changelog_records_are_collected_with_their_partition"),
    "rebalance": ("test_a_worker_joins_and_the_first_one_leaves",),
    "recovery": ("test_two_workers_one_killed_and_started_again",),
    "recovery with a standby": ("test_a_standby_takes_over_without_reading_again",
                                "test_faust_goes_on_from_the_persisted_offset"),
}  # fmt: skip
"""Rule of design §5 -> tests that fail when Faust, mode or aiokafka behave otherwise than it says."""


def sources() -> dict[str, str]:
    """Return file name -> text of every test of the suite."""
    return {file.name: file.read_text() for folder in (HERE, INTEGRATION) for file in folder.glob("test_*.py")}


def names() -> set[str]:
    """Return the names of all tests of the suite."""
    return {
        node.name
        for text in sources().values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_tests(rule: str) -> None:
    """A test that was renamed or dropped is missed here."""
    assert set(RULES[rule]) <= names()


@pytest.mark.parametrize("patch", faust_patches.ORIGINALS)
def test_every_patch_is_tried_without_it(patch: str) -> None:
    """A contract test puts the original back, so it fails when a newer version no longer has the fault."""
    assert any(f'ORIGINALS["{patch}"]' in text for text in sources().values())


def test_every_patch_says_what_it_cures() -> None:
    """Fault, cure, test (which exists), and how it would be reported."""
    patches = [
        one for one in vars(faust_patches).values()
        if callable(one) and getattr(one, "__module__", "") == faust_patches.__name__ and "Fault" in (one.__doc__ or "")
    ]  # fmt: skip
    assert len(patches) == len(faust_patches.ORIGINALS)
    for patch in patches:
        text = patch.__doc__
        assert text is not None
        assert all(f"    {part}\n" in text for part in ("Fault", "Cure", "Test", "Upstream")), patch.__name__
        named = [word.strip("`,.;") for word in text.split() if word.startswith("``tests/")]
        assert named, patch.__name__
        assert all((HERE.parents[2] / path).exists() for path in named), patch.__name__
