"""What is written is read back; versions are kept apart."""

import zlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from signals.domain.account.life import Episode, Life
from signals.domain.account.state import SCHEMA, Account
from signals.domain.events.feedback import SignalRated
from signals.domain.reasons import Change, FamilyName, Severity
from signals.domain.signal import Owner, Position, Transition
from signals.domain.update import AccountUpdates, Arrival
from signals.streams import codec
from signals.streams.packing import pack_account
from signals.streams.squeeze import CURRENT, squeezed
from support.stored_account import FROZEN, the_account, the_small_account

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_arrival(offset: int = 7) -> Arrival:
    """Return an arrival of a small event."""
    event = SignalRated(org_id="acme", at=NOON, signal_id="s1", by="ann", useful=True)
    return Arrival(Position(0, "feedback", 2, offset), NOON, event)


def test_an_update_comes_back_as_it_was() -> None:
    """Packs, marks, positions and kinds survive the way through bytes."""
    mark = NOON + timedelta(microseconds=1)
    updates = AccountUpdates(partition=3, reached=NOON, packs={"acme": (an_arrival(),)}, mark=mark)
    assert codec.decode_updates(codec.encode_updates(updates)) == updates


def test_an_instant_of_another_zone_comes_back_as_the_same_instant() -> None:
    """The bytes keep the instant, not the zone."""
    mark = NOON.astimezone(timezone(timedelta(hours=2)))
    assert codec.decode_updates(codec.encode_updates(AccountUpdates(partition=0, mark=mark))).mark == NOON


def test_an_update_of_a_newer_version_is_refused() -> None:
    """A program that was rolled back must not guess."""
    with pytest.raises(codec.SchemaTooNew, match="schema 200"):
        codec.decode_updates(bytes((200,)) + b"\x80")


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\xc1", b"\x00\x80", b"\x01\x93\x01\x02\x03"])
def test_bytes_that_are_no_update_are_corrupt(data: bytes) -> None:
    """Every unreadable message raises the one error that says so."""
    with pytest.raises(codec.Corrupt):
        codec.decode_updates(data)


def test_an_account_comes_back_as_it_was() -> None:
    """The table value holds all of the account."""
    account = Account(org_id="acme", clock=NOON, wake=NOON + timedelta(days=3))
    assert codec.decode_account(codec.encode_account(account)) == account


@pytest.mark.parametrize(
    ("wake", "seen"),
    [
        (None, None),
        (NOON, NOON),
        (NOON + timedelta(microseconds=999), NOON),
        (datetime(1969, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC)),
    ],
)
def test_the_wake_is_read_without_the_account_and_never_later_than_it_is(
    wake: datetime | None, seen: datetime | None
) -> None:
    """Rebuilding the heap needs the first bytes of each account."""
    data = codec.encode_account(Account(org_id="acme", clock=NOON, wake=wake))
    assert codec.account_header(data).wake == seen
    assert codec.account_header(data[:30]).wake == seen


def test_open_signals_are_counted_without_the_account() -> None:
    """Those that are open, by family; the held and the resolved are not."""
    data = codec.encode_account(an_account(open_signals=2))
    assert codec.account_header(data[:60]).open == {FamilyName.PAYMENT: 2}


def test_a_value_of_before_the_long_header_reads_the_same() -> None:
    """A worker that is upgraded finds such values in its changelog."""
    account = an_account(open_signals=1, offset=41)
    old = short_value(account, 1)
    assert codec.decode_account(old) == account
    assert codec.account_header(old) == codec.account_header(codec.encode_account(account))


def test_the_place_of_a_family_never_changes() -> None:
    """It is what a stored header says."""
    assert codec.FAMILIES == (
        "cross_sell",
        "expansion",
        "churn_risk",
        "spike",
        "credit_runway",
        "payment",
        "lead",
        "adoption",
        "implementation_health",
        "lifecycle",
        "segment",
        "team_health",
        "other",
    )


CHAIN = [
    pytest.param({"offset": 4}, {"offset": 5}, id="another event"),
    pytest.param({"offset": 4}, {"offset": 4, "minutes": 1}, id="a timer"),
    pytest.param({"offset": 10**6}, {"offset": 0, "epoch": 2}, id="a recreated topic"),
    pytest.param({"offset": 4}, {"offset": 4, "others": 1}, id="the first event of another topic"),
]


@pytest.mark.parametrize(("before", "after"), CHAIN)
def test_of_two_values_the_one_that_has_seen_more_is_newer(before: dict[str, int], after: dict[str, int]) -> None:
    """Also when the newer one was written first."""
    first, second = (codec.account_header(codec.encode_account(an_account(**state))) for state in (before, after))
    assert first.older_than(second)
    assert not second.older_than(first)
    assert not first.older_than(first)


def an_account(*, open_signals: int = 0, offset: int = 4, epoch: int = 1, minutes: int = 0, others: int = 0) -> Account:
    """Return an account that has seen that much."""
    draft = Transition(
        id="t", signal_id="s", seq=1, change=Change.OPENED, at=NOON, org_id="acme", account_name="Acme", rule="r",
        rule_version="v", family=FamilyName.PAYMENT, severity=Severity.NOTICE, since=NOON, headline="h", status="open",
        owner=Owner(name="ann"),
    )  # fmt: skip
    episodes = {
        f"r|{n}": Episode(signal_id=f"s{n}", since=NOON, state="open", draft=draft) for n in range(open_signals)
    }
    gone = {"r|gone": Episode(signal_id="s", since=NOON, state="resolved", draft=draft)} if open_signals else {}
    positions = {"usage:2": (epoch, offset)} | {f"crm:{n}": (1, 0) for n in range(others)}
    life = Life(positions=positions, episodes=episodes | gone)
    return Account(org_id="acme", clock=NOON + timedelta(minutes=minutes), wake=NOON + timedelta(days=3), life=life)


def short_value(account: Account, version: int) -> bytes:
    """Return a value as it was stored before the long header."""
    assert account.wake is not None
    wake = int(account.wake.timestamp() * 1000).to_bytes(8, "big")
    return wake + bytes((version,)) + zlib.compress(msgspec.msgpack.encode(account))


@pytest.mark.parametrize("file", sorted(FROZEN.glob("*.bin")), ids=lambda file: file.stem)
def test_a_value_of_every_version_and_dictionary_is_read(file: Path) -> None:
    """Bytes as they were written then; nobody knows how long they stay in a changelog."""
    data, account = file.read_bytes(), the_small_account() if file.stem.endswith("small") else the_account()
    assert codec.decode_account(data) == account
    assert codec.account_header(data) == codec.account_header(codec.encode_account(account))


def test_there_is_a_frozen_value_of_what_is_written_now() -> None:
    """Whoever raises the version, or makes a dictionary, freezes one."""
    assert (FROZEN / f"schema-{SCHEMA}-dictionary-{CURRENT}.bin").exists()
    assert (FROZEN / f"schema-{SCHEMA}-dictionary-{CURRENT}-small.bin").exists()
    assert {1, 2, 3, SCHEMA} == {*codec.ACCOUNT_UPGRADES, SCHEMA}


def test_an_account_of_version_2_is_read_as_it_is() -> None:
    """Its last words were kept whole; what they lack is nothing, so nothing is changed."""
    data = bytearray((FROZEN / "schema-3.bin").read_bytes())
    assert data[codec.WAKE_BYTES] == codec.LONG | 3
    data[codec.WAKE_BYTES] = codec.LONG | 2
    assert codec.decode_account(bytes(data)) == the_account()


def test_a_value_with_a_dictionary_that_we_do_not_have_is_refused() -> None:
    """A newer program wrote it."""
    account = Account(org_id="acme", clock=NOON)
    data = bytearray(codec.encode_account(account))
    place = len(data) - len(squeezed(*pack_account(account)))
    assert data[place] == CURRENT
    data[place] = 200
    with pytest.raises(codec.SchemaTooNew, match="dictionary 200"):
        codec.decode_account(bytes(data))


@pytest.mark.parametrize("cut", [1, 30, 400, -1])
def test_a_value_that_was_cut_short_is_corrupt(cut: int) -> None:
    """Wherever."""
    data = codec.encode_account(the_account())
    header = len(data) - len(squeezed(*pack_account(the_account())))
    with pytest.raises(codec.Corrupt):
        codec.decode_account(data[: header + cut] if cut > 0 else data[:cut])


def test_equal_accounts_are_equal_bytes() -> None:
    """A repeat of a message writes the value that stands there already."""
    first, second = (Account(org_id="acme", clock=NOON) for _ in range(2))
    assert codec.encode_account(first) == codec.encode_account(second)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(9),
        bytes(8) + bytes((SCHEMA,)) + b"no zlib",
        bytes(8) + bytes((SCHEMA | codec.LONG,)) + b"short",
        bytes(8) + bytes((SCHEMA | codec.LONG,)) + bytes(16) + b"\xff" + b"fewer than 255",
    ],
)
def test_bytes_that_are_no_account_are_corrupt(data: bytes) -> None:
    """A damaged table value is told from a missing one."""
    with pytest.raises(codec.Corrupt):
        codec.decode_account(data)
    with pytest.raises(codec.Corrupt):
        codec.account_header(data)


@pytest.mark.parametrize("mark", [0, codec.LONG])
def test_an_account_of_a_newer_version_is_refused(mark: int) -> None:
    """A rollback never rewrites what it does not understand."""
    data = bytearray(codec.encode_account(Account(org_id="acme", clock=NOON)))
    data[codec.WAKE_BYTES] = SCHEMA + 1 | mark
    with pytest.raises(codec.SchemaTooNew):
        codec.decode_account(bytes(data))
    with pytest.raises(codec.SchemaTooNew):
        codec.account_header(bytes(data))


def test_an_older_account_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version n is read through every upgrade up to ours."""

    def rename(raw: dict[str, object]) -> dict[str, object]:
        return {("org_id" if name == "org" else name): value for name, value in raw.items()}

    def add_clock(raw: dict[str, object]) -> dict[str, object]:
        return raw | {"clock": NOON}

    monkeypatch.setattr(codec, "ACCOUNT_SCHEMA", 3)
    monkeypatch.setattr(codec, "ACCOUNT_UPGRADES", {1: rename, 2: add_clock})
    data = bytes(8) + bytes((1,)) + zlib.compress(msgspec.msgpack.encode({"org": "acme"}))

    assert codec.decode_account(data) == Account(org_id="acme", clock=NOON)


def test_output_json_has_its_fields_in_declared_order_and_reads_back() -> None:
    """Equal records are equal bytes for whoever compares files."""
    transition = Transition(
        id="t", signal_id="s", seq=1, change=Change.OPENED, at=NOON, org_id="acme", account_name="Acme", rule="r",
        rule_version="v", family=FamilyName.SPIKE, severity=Severity.NOTICE, since=NOON, headline="h", status="open",
        owner=Owner(name="ann"), value_at_stake=Decimal("12.50"),
    )  # fmt: skip
    data = codec.encode_json(transition)
    assert data.startswith(b'{"id":"t","signal_id":"s","seq":1,"change":"opened"')
    assert codec.decode_json(data, Transition) == codec.decode_json(codec.encode_json(transition), Transition)


def test_json_of_another_kind_is_corrupt() -> None:
    """A foreign record on our topic has a name of its own."""
    with pytest.raises(codec.Corrupt, match="Transition"):
        codec.decode_json(b"{}", Transition)
