"""Series of numbers as noise around what came before them: the noise as bare bits, the rest as bytes that shrink.

The low digits of usage are noise: no compressor makes them smaller, and between other bytes it makes them larger. So of
each series' differences (to the same weekday a week before, or to the week or month before) as many low bits as are
noise are cut off and written as they are; what is left are small numbers, a byte each, mostly 0 or next to it.

Numbers are words of 64 bits, and all words of many series together are one long integer: one subtraction of integers
makes all differences, one shift cuts all of them, slices of the bytes lay them out. The words of a difference are kept
above zero by a bias, so that none borrows of its neighbour.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import sub

from signals.streams.lanes import WORD, words_in, words_out

LIMIT_BYTES = 5
LIMIT = 2 ** (8 * LIMIT_BYTES)
"""Numbers below it can be laid out here."""

_SEEN = 8
"""The newest differences of a series decide for all of it."""
_MOST_BITS = 15
_HIGH_BYTES = 6
# Of a difference without its noise; with the noise's bits that is less than a word.
_MIDDLE = b"\x80"
_BIAS = int.from_bytes(_MIDDLE * _HIGH_BYTES, "big")
_HIGH = _MIDDLE * _HIGH_BYTES + bytes(WORD - _HIGH_BYTES)
# In the middle of each byte: a small difference of either sign changes the lowest only.
_BITS = 8 * WORD
_PICK = [bytes(48 + (byte >> bit & 1) for byte in range(256)) for bit in range(8)]
# Byte -> digit of one of its bits: an integer's text in base two is the quickest way to many bits.
_DIGIT = bytes(byte & 1 for byte in range(256))


@dataclass(frozen=True, slots=True)
class Laid:
    """Series laid out."""

    noise: bytes
    cuts: bytes
    """Bits of noise of each series."""
    rest: bytes
    """Planes of what is left of all numbers: ``width`` bytes each."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Numbers that lie beside each other and are cut alike."""

    size: int
    bits: int


def lay_out(series: Sequence[Sequence[int]], lags: Sequence[int], *, cut: bool = True) -> Laid:
    """Return series laid out.

    Parameters
    ----------
    series
        Numbers from 0 on and below ``LIMIT``.
    lags
        Of each series: a number is like the one so many places before it.
    cut
        Whether noise is cut off; quicker without.

    Raises
    ------
    OverflowError
        A number is below 0, or not below ``LIMIT``.
    """
    cuts = bytes([_cut(values, lag) for values, lag in zip(series, lags, strict=True)]) if cut else bytes(len(series))
    runs: list[_Run] = []
    pieces: list[bytes] = []
    for lag, members in _groups(cuts, lags):
        numbers = array("Q")
        for member in members:
            numbers.extend(series[member])
        found = _runs(members, cuts, [len(series[member]) for member in members])
        data, size = words_out(numbers), _BITS * len(numbers)
        if b"".join([data[byte::WORD] for byte in range(LIMIT_BYTES, WORD)]).strip(b"\0"):
            raise OverflowError(f"a number is not below {LIMIT}")
        whole = int.from_bytes(data, "little")
        biased = (whole - (whole << _BITS * lag) + _biases(found)) & (1 << size) - 1
        pieces.append(biased.to_bytes(size // 8, "little"))
        runs += found
    return Laid(*_cut_off(b"".join(pieces), runs, cuts))


def _cut(values: Sequence[int], lag: int) -> int:
    """Return how many low bits of the differences are noise, by the newest of them."""
    newest = values[-lag - _SEEN :]
    usual: int = sum(map(abs, map(sub, newest[lag:], newest))) // _SEEN
    return min(max(usual.bit_length() - 1, 0), _MOST_BITS)


def _groups(cuts: bytes, lags: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Return lag -> series, those with the least noise first: neighbours are alike where one follows the other."""
    by_lag: dict[int, list[int]] = {}
    for member, lag in enumerate(lags):
        by_lag.setdefault(lag, []).append(member)
    return [(lag, sorted(members, key=cuts.__getitem__)) for lag, members in sorted(by_lag.items())]


def _runs(members: Sequence[int], cuts: bytes, sizes: Sequence[int]) -> list[_Run]:
    pairs = zip(members, sizes, strict=True)
    return [_Run(sum([size for _, size in run]), cut) for cut, run in groupby(pairs, key=lambda pair: cuts[pair[0]])]


def _biases(runs: Iterable[_Run]) -> int:
    return int.from_bytes(b"".join([(_BIAS << run.bits).to_bytes(WORD, "little") * run.size for run in runs]), "little")


def _cut_off(data: bytes, runs: Sequence[_Run], cuts: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the noise, the cuts, and the rest of biased differences."""
    whole, parts, shifted = [], [], []
    begin = 0
    for run in runs:
        bits, end = run.bits, begin + run.size * WORD
        piece = data[begin:end]
        begin = end
        whole += [piece[byte::WORD] for byte in range(bits // 8)]
        parts.append(piece[bits // 8 :: WORD])
        shifted.append((int.from_bytes(piece, "little") >> bits).to_bytes(len(piece), "little") if bits else piece)
    together = b"".join(shifted)
    high = [together[byte::WORD] for byte in range(_HIGH_BYTES)]
    while high and not high[-1].strip(_MIDDLE):
        high.pop()
    return b"".join(whole) + b"".join(_bits(parts, runs)), cuts, b"".join(high)


def _order(runs: Sequence[_Run]) -> list[int]:
    """Return the runs with those first that have the most bits besides their whole bytes."""
    return sorted(range(len(runs)), key=lambda place: -(runs[place].bits % 8))


def _having(runs: Sequence[_Run]) -> list[int]:
    """Return how many numbers have a first, a second, ... a seventh bit besides their whole bytes."""
    sizes = [0] * 8
    for run in runs:
        sizes[run.bits % 8] += run.size
    return list(accumulate(reversed(sizes)))[-2::-1]


def _bits(parts: Sequence[bytes], runs: Sequence[_Run]) -> Iterable[bytes]:
    """Return bit by bit those of all runs that have it."""
    column = b"".join([parts[place] for place in _order(runs)])
    for bit, size in enumerate(_having(runs)):
        if size:
            yield int(column[:size].translate(_PICK[bit]), 2).to_bytes((size + 7) // 8, "big")


def taken_up(laid: Laid, sizes: Sequence[int], lags: Sequence[int]) -> list["array[int]"]:
    """Return the series that ``lay_out`` was given.

    Parameters
    ----------
    sizes
        Numbers of each series.

    Raises
    ------
    ValueError
        The bytes are not those of such series.
    """
    cuts = laid.cuts
    if len(cuts) != len(sizes):
        raise ValueError(f"cuts of {len(cuts)} series, expected {len(sizes)}")
    groups = [
        (lag, members, _runs(members, cuts, [sizes[member] for member in members]))
        for lag, members in _groups(cuts, lags)
    ]
    data = _put_together(laid.noise, laid.rest, [run for _, _, runs in groups for run in runs])
    found: dict[int, array[int]] = {}
    begin = 0
    for lag, members, runs in groups:
        count = sum([run.size for run in runs])
        whole = int.from_bytes(data[begin : begin + count * WORD], "little") - _biases(runs)
        begin += count * WORD
        every, shift = (1 << _BITS * count) - 1, _BITS * lag
        # Every word becomes the sum of itself and all that are a whole number of lags before it.
        while shift < _BITS * count:
            whole = whole + (whole << shift) & every
            shift *= 2
        numbers = words_in((whole & every).to_bytes(count * WORD, "little"))
        place = 0
        for member in members:
            found[member] = numbers[place : place + sizes[member]]
            place += sizes[member]
    return [found[member] for member in range(len(sizes))]


def _put_together(noise: bytes, rest: bytes, runs: Sequence[_Run]) -> bytes:
    """Return the biased differences."""
    count = sum([run.size for run in runs])
    width = len(rest) // count if count else 0
    wholes = sum([run.size * (run.bits // 8) for run in runs])
    if len(rest) != width * count or width > _HIGH_BYTES:
        raise ValueError(f"{len(rest)} bytes are no planes of {count} numbers")
    high = bytearray(_HIGH * count)
    for byte in range(width):
        high[byte::WORD] = rest[byte * count : (byte + 1) * count]
    low = _low_bits(noise[wholes:], runs)
    pieces: list[bytes | bytearray] = []
    begin, taken = 0, 0
    for number, run in enumerate(runs):
        size, bits = run.size, run.bits
        end = begin + size * WORD
        piece = high[begin:end]
        begin = end
        if bits:
            lows = bytearray(size * WORD)
            for byte in range(bits // 8):
                lows[byte::WORD] = noise[taken : taken + size]
                taken += size
            if bits % 8:
                lows[bits // 8 :: WORD] = low[number]
            both = int.from_bytes(piece, "little") << bits | int.from_bytes(lows, "little")
            pieces.append(both.to_bytes(size * WORD, "little"))
        else:
            pieces.append(piece)
    return b"".join(pieces)


def _low_bits(noise: bytes, runs: Sequence[_Run]) -> list[bytes]:
    """Return of each run the bits of its numbers that are no whole byte."""
    count, column, begin = sum([run.size for run in runs]), 0, 0
    for bit, size in enumerate(_having(runs)):
        end = begin + (size + 7) // 8
        if size:
            number = int.from_bytes(noise[begin:end], "big")
            if number >> size:
                raise ValueError(f"more than {size} bits")
            digits = f"{number:0{size}b}".encode().translate(_DIGIT)
            column |= int.from_bytes(digits.ljust(count, b"\0"), "big") << bit
        begin = end
    if begin != len(noise):
        raise ValueError(f"{len(noise)} bytes of bits, expected {begin}")
    data, place = column.to_bytes(count, "big"), 0
    found = [b""] * len(runs)
    for number in _order(runs):
        found[number] = data[place : place + runs[number].size]
        place += runs[number].size
    return found
