"""Spoiled inputs of every format: nothing crashes, nothing is lost."""

from support.mutations import Fuzz


def test_twenty_thousand_spoiled_records_crash_nothing_and_lose_nothing() -> None:
    """Every record is accepted, skipped or rejected with a reason that is not a fault of ours."""
    fuzz = Fuzz(seed=20260302)
    fuzz.run(20_000)
    assert sum(fuzz.table.values()) == fuzz.inputs == 20_000
    assert fuzz.failed == []
    outcomes = {outcome for _, outcome in fuzz.table}
    assert {"accepted", "skipped", "undecodable", "invalid", "unknown_kind", "foreign_account"} <= outcomes
    assert {"missing_key", "wrong_partition", "no_organization", "wrong_topic", "future"} - outcomes <= {"wrong_topic"}
