"""The store behind the Faust table: what is kept over rebalances, and that no account goes backwards."""

from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from signals.streams import codec
from signals.streams.account_store import AccountStore
from signals.streams.evaluate import evaluate
from signals.streams.faust_app import DetectRole, build_app
from signals.streams.tables import FaustAccounts
from signals.streams.topics import Topics
from support.fake_engine import arrival, fake_step, updates

CHANGELOG = "signals-detect-accounts-changelog"


@pytest.fixture
def accounts(tmp_path: Path) -> FaustAccounts:
    """Our port over the table of an app that is not connected."""
    return build_app(DetectRole(bootstrap="127.0.0.1:1", topics=Topics(partitions=4)), tmp_path).accounts


@pytest.fixture
def store(accounts: FaustAccounts) -> AccountStore:
    """The store behind it."""
    store = accounts._table.data
    assert isinstance(store, AccountStore)
    return store


def value(offset: int, org_id: str = "acme") -> bytes:
    """Return a stored account that has seen the events up to *offset*."""
    return evaluate(updates(0, arrival(org_id, offset)), lambda _: None, fake_step).values[org_id]


def take_in(store: AccountStore, partition: int, *records: tuple[int, str, bytes | None]) -> None:
    """Give the store changelog records, as Faust's recovery does."""
    events = [
        SimpleNamespace(message=SimpleNamespace(partition=partition, offset=offset, key=key.encode(), value=value))
        for offset, key, value in records
    ]
    store.apply_changelog_batch(events, lambda key: key, lambda value: value)


def changelog(*partitions: int) -> set[Any]:
    """Return partitions of the changelog."""
    return {TP(CHANGELOG, partition) for partition in partitions}


def keys(held: Iterable[tuple[int, str, bytes]]) -> dict[str, int]:
    """Return account -> partition."""
    return {org_id: partition for partition, org_id, _ in held}


def test_a_recovery_goes_on_from_where_the_partition_was_read_to(store: AccountStore) -> None:
    """Nothing read: from the start. The offset is that of the last record, as Faust counts."""
    (one,) = changelog(1)
    assert store.persisted_offset(one) is None
    take_in(store, 1, (7, "acme", value(1)), (9, "acme", value(2)))
    assert store.persisted_offset(one) == 9


async def test_a_copy_survives_the_recovery_of_others(store: AccountStore, accounts: FaustAccounts) -> None:
    """Faust's own store deletes it, and the standby then reads everything again when it takes over."""
    take_in(store, 0, (5, "mine", value(1, "mine")))
    take_in(store, 1, (6, "copied", value(1, "copied")))

    await store.on_recovery_completed(changelog(0), changelog(1))

    assert keys(accounts.held([0, 1])) == {"mine": 0, "copied": 1}
    assert [store.persisted_offset(one) for one in sorted(changelog(0, 1))] == [5, 6]


async def test_what_went_to_another_worker_is_dropped_and_read_anew(
    store: AccountStore, accounts: FaustAccounts
) -> None:
    """An old value must not be there when the partition comes back, nor the offset it was read up to."""
    take_in(store, 0, (5, "mine", value(1, "mine")))
    take_in(store, 1, (6, "gone", value(1, "gone")))

    await store.on_recovery_completed(changelog(0), changelog())

    assert keys(accounts.held([0, 1])) == {"mine": 0}
    assert accounts.load("gone") is None
    (one,) = changelog(1)
    assert store.persisted_offset(one) is None


async def test_a_record_that_comes_after_its_partition_went_counts_for_nothing(
    store: AccountStore, accounts: FaustAccounts
) -> None:
    """It would pass for the place the partition was read up to, and everything before it would be skipped later."""
    await store.on_rebalance(changelog(0), set(), set(), 3)
    take_in(store, 0, (5, "mine", value(1, "mine")))
    take_in(store, 1, (900, "late", value(1, "late")))

    assert keys(accounts.held([0, 1])) == {"mine": 0}
    (one,) = changelog(1)
    assert store.persisted_offset(one) is None


def test_a_reader_that_lags_behind_another_changes_nothing(store: AccountStore, accounts: FaustAccounts) -> None:
    """Reading ahead that a rebalance interrupted may run on beside the next recovery."""
    take_in(store, 1, (5, "acme", value(5)), (9, "other", value(1, "other")))
    take_in(store, 1, (4, "acme", value(4)), (8, "other", None))
    assert accounts.load("acme") == value(5)
    assert accounts.load("other") == value(1, "other")
    (one,) = changelog(1)
    assert store.persisted_offset(one) == 9
    assert accounts.repairs([1]) == ()


def test_a_tombstone_empties_the_key(store: AccountStore, accounts: FaustAccounts) -> None:
    """Whatever was held of it."""
    take_in(store, 0, (1, "acme", value(1)), (2, "acme", value(2)), (3, "acme", value(1)), (4, "acme", None))
    assert accounts.load("acme") is None
    assert accounts.repairs([0]) == ()


def test_a_later_record_replaces(store: AccountStore, accounts: FaustAccounts) -> None:
    """The ordinary case, and the same value twice."""
    take_in(store, 0, (1, "acme", value(1)), (2, "acme", value(2)), (3, "acme", value(2)))
    assert accounts.load("acme") == value(2)
    assert accounts.repairs([0]) == ()


def test_an_account_never_goes_backwards(store: AccountStore, accounts: FaustAccounts) -> None:
    """A paused worker wrote offset 3 after the new owner had come to 5; the new owner's is kept and written again."""
    take_in(store, 2, (1, "acme", value(2)), (2, "acme", value(5)), (3, "acme", value(3)))

    assert accounts.load("acme") == value(5)
    (repair,) = accounts.repairs([2])
    assert (repair.partition, repair.key, repair.value) == (2, b"acme", value(5))
    assert accounts.repairs([1]) == ()


def test_a_repair_that_is_read_again_is_done(store: AccountStore, accounts: FaustAccounts) -> None:
    """The record that was written again ends it; so does a newer one."""
    take_in(store, 2, (2, "acme", value(5)), (3, "acme", value(3)), (4, "acme", value(5)))
    take_in(store, 2, (5, "other", value(5, "other")), (6, "other", value(3, "other")), (7, "other", value(8, "other")))
    assert accounts.repairs([2]) == ()


@pytest.mark.parametrize("unreadable", [b"?", bytes(8) + b"\x7f" + bytes(40)])
def test_the_log_decides_about_a_value_nobody_can_read(
    store: AccountStore, accounts: FaustAccounts, unreadable: bytes
) -> None:
    """Damaged, or of a newer program: an exception here would be swallowed by Faust, with the rest of the batch."""
    take_in(store, 2, (1, "acme", value(5)), (2, "acme", unreadable))
    assert accounts.load("acme") == unreadable
    take_in(store, 2, (3, "acme", value(6)))
    assert accounts.load("acme") == value(6)


async def test_somebody_elses_records_are_noticed(store: AccountStore, accounts: FaustAccounts) -> None:
    """Up to 9 read in the recovery, two written since: the changelog ends at 12, or somebody else writes there."""
    take_in(store, 2, (9, "acme", value(1)))
    await store.on_recovery_completed(changelog(2), changelog())
    assert accounts.foreign({2: 10}) == frozenset()
    for _ in range(2):
        store.put(2, b"acme")
    assert accounts.foreign({2: 12}) == frozenset()
    assert accounts.foreign({2: 11}) == frozenset(), "on its way"
    assert accounts.foreign({2: 13}) == {2}

    take_in(store, 2, (12, "acme", value(2)))
    await store.on_recovery_completed(changelog(2), changelog())
    assert accounts.foreign({2: 13}) == frozenset(), "read in a recovery since"


def test_repairs_are_this_workers_own_records(store: AccountStore, accounts: FaustAccounts) -> None:
    """They are written like any other."""
    take_in(store, 2, (1, "acme", value(5)), (2, "acme", value(3)))
    accounts.repairs([2])
    assert accounts.foreign({2: 4}) == frozenset()
    assert accounts.foreign({2: 5}) == {2}


def test_a_partition_without_a_changelog_is_not_watched(accounts: FaustAccounts) -> None:
    """Its log may begin anywhere."""
    assert accounts.foreign({3: 100}) == frozenset()


def test_equal_values_are_not_even_looked_at(store: AccountStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that keeps a partition over a rebalance reads what it wrote itself."""
    monkeypatch.setattr(codec, "account_header", None)
    take_in(store, 2, (1, "acme", value(5)), (2, "acme", value(5)))
    assert store.data == {b"acme": value(5)}
