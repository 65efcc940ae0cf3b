"""Pieces made small: they come back, and the dictionaries are those they always were."""

import re
import struct
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.simulator.archetypes import FIRST_WORDS, OWNERS, SECOND_WORDS
from signals.streams import squeeze
from signals.streams.squeeze import CURRENT, UnknownDictionary, dictionary, squeezed, unsqueezed

DIGESTS: dict[str, str] = {
    "1.bin": "b72392e92dd36385dd78c4d2e0d07b9720fcbcd670ab04e7b8529aa6993b8cf9",
}
"""Of every dictionary there ever was. A changed one makes all values of it unreadable: make the next number instead."""


def test_dictionaries_are_what_they_were() -> None:
    """And the newest is the one that is written with."""
    files = Path(squeeze.__file__).parent / "dictionaries"
    assert {file.name: sha256(file.read_bytes()).hexdigest() for file in files.glob("*.bin")} == DIGESTS
    assert f"{CURRENT}.bin" == max(DIGESTS, key=lambda name: int(name.removesuffix(".bin")))


def test_a_dictionary_has_no_address_and_no_id() -> None:
    """It is made of simulated accounts, and their names are unreadable in it."""
    text = dictionary(CURRENT)
    assert re.findall(rb"[\w.]+@[\w.]+", text) == []
    assert re.findall(rb"https?://(?!\w+\.example\.com)", text) == []
    names = [f"{first} {second}" for first in FIRST_WORDS for second in SECOND_WORDS]
    assert [name for name in (*names, *OWNERS) if name.encode() in text] == []


pieces = st.binary(max_size=300)


@given(pieces, pieces, st.lists(pieces, max_size=4), pieces)
def test_pieces_come_back(main: bytes, tables: bytes, series: list[bytes], noise: bytes) -> None:
    """Empty ones, too; the blocks of the series as one."""
    assert unsqueezed(squeezed(main, tables, series, noise)) == (main, tables, b"".join(series), noise)


def test_a_dictionary_that_is_not_there_is_named() -> None:
    """Also when the rest is fine."""
    data = bytes((200,)) + squeezed(b"main", b"", (), b"")[1:]
    with pytest.raises(UnknownDictionary, match="dictionary 200, this program knows up to"):
        unsqueezed(data)


@pytest.mark.parametrize("data", [b"\1", b"\1" + bytes(8), squeezed(b"main", b"t", (b"x",), b"y")[:-1]])
def test_other_bytes_are_refused(data: bytes) -> None:
    """Those that are too few, and no zlib."""
    with pytest.raises((zlib.error, struct.error)):
        unsqueezed(data)
