"""Lists of numbers and of times as planes of bytes: of all of them the lowest byte first, then the next one ...

Numbers that belong together differ in their low bytes and agree in the high ones, so a plane of high bytes shrinks to
nothing, while number by number the noise of the low ones stands between. Where neighbours are nearer to each other than
to zero, it is their differences that are laid out.

The planes of an account stand together, apart from its words (``Chunks``): a compressor counts which bytes there are,
and where words and noise are counted as one, both are written longer than need be.
"""

import sys
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import sub
from typing import Any

import msgspec

WORD = 8
"""Bytes of a number in memory."""

_LARGEST = 2**62
# Numbers beyond are written one by one: a difference of two that are not has room in a word.
_SHORT, _MARK = 6, b"\xd6\xff"
# A time of whole seconds, from 1970 to 2106, is these two bytes and four of seconds in msgpack.
_LANE = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO, _UNITS = timedelta(microseconds=1), (10**6, 10**3)

_encode = msgspec.msgpack.Encoder().encode
_decode_times = msgspec.msgpack.Decoder(list[datetime]).decode


class Chunks:
    """Bytes that are read in the order in which they were written."""

    __slots__ = ("_data", "_place")

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def take(self, size: int) -> bytes:
        """Return the next *size* bytes.

        Raises
        ------
        ValueError
            There are fewer.
        """
        begin = self._place
        self._place = end = begin + size
        if not begin <= end <= len(self._data):
            raise ValueError(f"{len(self._data)} bytes, expected {end}")
        return self._data[begin:end]

    def end(self) -> None:
        """Check that all was taken.

        Raises
        ------
        ValueError
            It was not.
        """
        if self._place != len(self._data):
            raise ValueError(f"{len(self._data)} bytes, expected {self._place}")


def words_out(numbers: "array[int]") -> bytes:
    """Return the bytes of words, the lowest first; the array is not to be used any more."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def words_in(data: bytes) -> "array[int]":
    """Return the words of which ``words_out`` made these bytes."""
    numbers = array("Q", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def put_numbers(values: Sequence[int], out: list[bytes]) -> Any:
    """Write integers as planes of what they are above the least, or of their differences, and return which.

    Returns
    -------
    width, or ``[least, width]``, or ``[first, least difference, width]``; ``[[values]]`` where they are too large.
    """
    if not values:
        return 0
    least, most = min(values), max(values)
    if least < -_LARGEST or most > _LARGEST:
        return [list(values)]
    base = least if least < 0 or most > 255 else 0
    width = _width(most - base)
    if width > 1:
        steps = list(map(sub, values[1:], values))
        smallest = min(steps, default=0)
        of_steps = _width(max(steps, default=0) - smallest)
        if of_steps < width:
            _put_planes([step - smallest for step in steps] if smallest else steps, of_steps, out)
            return [values[0], smallest, of_steps]
    _put_planes([value - base for value in values] if base else values, width, out)
    return [base, width] if base else width


def _width(span: int) -> int:
    return (span.bit_length() + 7) // 8


def _put_planes(values: Sequence[int], width: int, out: list[bytes]) -> None:
    if width == 1:
        out.append(bytes(values))
    elif width:
        column = words_out(array("Q", values))
        out += [column[byte::WORD] for byte in range(width)]


def get_numbers(plain: Any, count: int, chunks: Chunks) -> list[int]:
    """Return the *count* numbers that ``put_numbers`` was given.

    Raises
    ------
    ValueError, TypeError
        This is none of its forms, or another count.
    """
    if isinstance(plain, int):
        return _get_planes(plain, count, chunks)
    if len(plain) == 1:
        return counted(msgspec.convert(plain[0], list[int]), count)
    if len(plain) == 2:
        least, width = plain
        return [least + value for value in _get_planes(width, count, chunks)]
    first, smallest, width = plain
    steps = _get_planes(width, count - 1, chunks)
    return list(accumulate([step + smallest for step in steps] if smallest else steps, initial=first))


def counted(values: list[Any], count: int) -> list[Any]:
    """Return values of which there are so many.

    Raises
    ------
    ValueError
        There are not.
    """
    if len(values) != count:
        raise ValueError(f"{len(values)} values, expected {count}")
    return values


def _get_planes(width: int, count: int, chunks: Chunks) -> list[int]:
    if width == 1:
        return list(chunks.take(count))
    if not 0 <= width <= WORD:
        raise ValueError(f"numbers of {width} bytes")
    data, column = chunks.take(width * count), bytearray(count * WORD)
    for byte in range(width):
        column[byte::WORD] = data[byte * count : (byte + 1) * count]
    return words_in(bytes(column)).tolist()


def put_times(values: Sequence[datetime], out: list[bytes]) -> Any:
    """Write times as planes of their differences in seconds, or as numbers where one has a fraction; return which.

    A number counts seconds, milliseconds or microseconds beyond the fraction of the first time, whichever says all.

    Forty times cost no more than four: msgpack writes the seconds, slices lay them out, and one subtraction of two very
    long integers makes all the differences.
    """
    count = len(values)
    size = count * _SHORT
    data = _encode(values)[-size:] if size else b""
    if data[::_SHORT] != _MARK[:1] * count or data[1::_SHORT] != _MARK[1:] * count:
        numbers = [(at - _EPOCH) // _MICRO for at in values]
        unit, fraction = _unit(numbers)
        return [unit, fraction, put_numbers([(number - fraction) // unit for number in numbers], out)]
    lanes = bytearray(count * _LANE)
    for byte in range(_LANE):
        lanes[byte::_LANE] = data[_SHORT - 1 - byte :: _SHORT]
    number = int.from_bytes(lanes, "little")
    steps = (number - (number << 8 * _LANE) & (1 << 8 * len(lanes)) - 1).to_bytes(len(lanes), "little")
    out += [steps[byte::_LANE] for byte in range(_LANE)]
    return 0


def _unit(numbers: Sequence[int]) -> tuple[int, int]:
    """Return a unit and a fraction of it such that all numbers are the fraction and whole units."""
    for unit in _UNITS:
        fraction = numbers[0] % unit
        if not any(number % unit - fraction for number in numbers):
            return unit, fraction
    return 1, 0


def get_times(plain: Any, count: int, chunks: Chunks) -> list[datetime]:
    """Return the *count* times that ``put_times`` was given, in UTC.

    Raises
    ------
    ValueError, TypeError
        This is none of its forms, or another count.
    """
    if plain != 0:
        unit, fraction, numbers = plain
        return [_EPOCH + (number * unit + fraction) * _MICRO for number in get_numbers(numbers, count, chunks)]
    data, lanes = chunks.take(count * _LANE), bytearray(count * _LANE)
    for byte in range(_LANE):
        lanes[byte::_LANE] = data[byte * count : (byte + 1) * count]
    number, size = int.from_bytes(lanes, "little"), 8 * len(lanes)
    # Every lane becomes the sum of itself and all before it: of one before, then of two, of four ...
    shift = 8 * _LANE
    while shift < size:
        number = number + (number << shift) & (1 << size) - 1
        shift *= 2
    seconds = number.to_bytes(len(lanes), "little")
    times = bytearray(_MARK + bytes(_LANE)) * count
    for byte in range(_LANE):
        times[_SHORT - 1 - byte :: _SHORT] = seconds[byte::_LANE]
    return _decode_times(b"\xdd" + count.to_bytes(4, "big") + times)
