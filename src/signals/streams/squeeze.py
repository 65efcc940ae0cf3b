"""The pieces of an account made small: words with a dictionary, planes by which bytes there are, noise as it is.

======================  ===============================================================
1 byte                  number of the dictionary
4 bytes each            sizes of the noise, of the planes of tables and of those of series, big-endian
noise, planes           the planes as deflate without a dictionary; of series a block for each
the rest                the main piece, as zlib with the dictionary
======================  ===============================================================

A dictionary is 28 kB of what stored accounts of simulated companies have in common: names of fields, rules and facts,
and words of cards. A value says which one it needs, so one that was ever in a release stays in ``dictionaries/`` for
as long as such values may be in a table (decisions/0073). ``python benchmarks/dictionary.py`` makes the next one.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

CURRENT = 1
"""The dictionary of what is written."""

LEVEL, LEVEL_OF_LARGE = 3, 6
# Of a small account 4 makes 1 % less in a tenth more time of all, 5 another 3 % in another tenth; of a large one, whose
# lists take most of the time, 6 makes 3 % less than 5. Above is nothing more to find.

_FOLDER = Path(__file__).parent / "dictionaries"
_SIZES = struct.Struct(">BIII")
_WINDOW = -12
"""Deflate without a header: the planes."""


class UnknownDictionary(Exception):
    """A value needs a dictionary that this program does not have."""


@cache
def dictionary(number: int) -> bytes:
    """Return a dictionary.

    Raises
    ------
    UnknownDictionary
        There is none of this number.
    """
    try:
        return (_FOLDER / f"{number}.bin").read_bytes()
    except FileNotFoundError:
        raise UnknownDictionary(f"dictionary {number}, this program knows up to {CURRENT}") from None


@cache
def _words(level: int) -> "zlib._Compress":
    # Copied for each account: reading a dictionary takes as long as compressing one.
    return zlib.compressobj(level, zdict=dictionary(CURRENT))


@cache
def _planes(level: int, strategy: int) -> "zlib._Compress":
    # A small window, so that it is copied quickly.
    return zlib.compressobj(level, wbits=_WINDOW, memLevel=6, strategy=strategy)


def squeezed(main: bytes, tables: bytes, series: Sequence[bytes], noise: bytes) -> bytes:
    """Return the bytes of the pieces of an account (``packing.Pieces``)."""
    words = _words(LEVEL_OF_LARGE if tables else LEVEL).copy()
    columns = b""
    if tables:
        planes = _planes(LEVEL_OF_LARGE, zlib.Z_DEFAULT_STRATEGY).copy()
        columns = planes.compress(tables) + planes.flush()
    numbers = _blocks(series)
    sizes = _SIZES.pack(CURRENT, len(noise), len(columns), len(numbers))
    return b"".join((sizes, noise, columns, numbers, words.compress(main), words.flush()))


def _blocks(series: Sequence[bytes]) -> bytes:
    planes = _planes(LEVEL, zlib.Z_RLE).copy()  # they have nothing that comes back, but runs
    parts: list[bytes] = []
    for block in series:
        if block:
            # Flushed, so that each has its own count of which bytes there are.
            parts += (planes.compress(block), planes.flush(zlib.Z_PARTIAL_FLUSH))
    return b"".join((*parts, planes.flush())) if parts else b""


def unsqueezed(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the main piece, the planes of the tables, those of the series one after the other, and the noise.

    Raises
    ------
    UnknownDictionary
    zlib.error, struct.error
        The bytes are not of this form.
    """
    number, *sizes = _SIZES.unpack_from(data)
    ends = list(accumulate(sizes, initial=_SIZES.size))
    noise, tables, series = [data[begin:end] for begin, end in pairwise(ends)]
    words = zlib.decompressobj(zdict=dictionary(number))
    main = words.decompress(data[ends[-1] :])
    if not words.eof or words.unused_data:
        raise zlib.error("more or fewer bytes than were written")
    return main, _inflated(tables), _inflated(series), noise


def _inflated(data: bytes) -> bytes:
    return zlib.decompress(data, _WINDOW) if data else b""
