"""Values of one type as columns: all their names, then all their states, then all their times ...

Written one after the other, values of a kind repeat the names of their fields, and what differs stands between what
is the same. As columns a name is written once, a field that nobody uses not at all, a word that comes back is a number,
and times and counts are planes of bytes (``lanes.py``). Here are the forms; ``layout.py`` chooses them.

What ``put`` returns is plain (msgpack has a form for it); what it adds to *out* is to be read in the same order. Fields
have their names: one that is new has its default when an older value is read.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, chain, compress, islice, repeat
from typing import Any, Protocol

import msgspec

from signals.streams.lanes import Chunks, counted, get_numbers, get_times, put_numbers, put_times


class Column(Protocol):
    """The form of the values of one type."""

    def put(self, values: Sequence[Any], out: list[bytes]) -> Any:
        """Write the values, and return what ``get`` has to know. Equal values give equal results."""

    def get(self, plain: Any, count: int, chunks: Chunks) -> Sequence[Any]:
        """Return the *count* values that ``put`` was given; whatever does not fit raises some built-in error."""


class Numbers:
    """Integers."""

    put = staticmethod(put_numbers)
    get = staticmethod(get_numbers)


class Times:
    """Instants."""

    put = staticmethod(put_times)
    get = staticmethod(get_times)


class Days:
    """Dates, by their ordinals."""

    def put(self, values: Sequence[date], out: list[bytes]) -> Any:
        """Write numbers."""
        return put_numbers([value.toordinal() for value in values], out)

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[date]:
        """Return dates."""
        return list(map(date.fromordinal, get_numbers(plain, count, chunks)))


class Flags:
    """Truth values, a bit each."""

    def put(self, values: Sequence[bool], out: list[bytes]) -> Any:
        """Write bits."""
        out.append(mask(values))
        return 0

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[bool]:  # noqa: ARG002 - bits say it all
        """Return truth values."""
        return list(map(bool, unmask(count, chunks)))


class Words:
    """Texts and members of enumerations: those there are, once each, and which one stands where."""

    def __init__(self, kind: Any) -> None:
        self._kind = list[kind]

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Return all values, or fewer, whose places are written; or one, if it stands everywhere."""
        count = len(values)
        places = {value: place for place, value in enumerate(dict.fromkeys(values))}
        if len(places) > 256 or len(places) * 4 > count * 3:
            return list(values)
        if len(places) > 1:
            out.append(bytes(map(places.__getitem__, values)))
        return list(places)

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return texts or members."""
        texts: list[Any] = msgspec.convert(plain, self._kind)
        if len(texts) == count:
            return texts
        return texts * count if len(texts) == 1 else [texts[place] for place in chunks.take(count)]


class Decimals(Words):
    """Decimals by their texts: 1.0 and 1.00 are two."""

    def __init__(self) -> None:
        super().__init__(str)

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Write texts."""
        return super().put(list(map(str, values)), out)

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return decimals."""
        return list(map(Decimal, super().get(plain, count, chunks)))


class Mixed:
    """Whatever has no better form: one by one, as msgspec writes it."""

    def __init__(self, kind: Any) -> None:
        self._kind = list[kind]

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:  # noqa: ARG002 - nothing apart
        """Return the values."""
        return list(values)

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:  # noqa: ARG002 - nothing apart
        """Return the values."""
        return counted(msgspec.convert(plain, self._kind), count)


class Maybe:
    """Values some of which are None."""

    def __init__(self, there: Column) -> None:
        self._there = there

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Write those that are not None, and before them which they are if there are others."""
        if None not in values:
            return [self._there.put(values, out)]
        known = [value is not None for value in values]
        out.append(mask(known))
        return [1, self._there.put(list(compress(values, known)), out)]

    def get(self, plain: Any, count: int, chunks: Chunks) -> Sequence[Any]:
        """Return values and None."""
        return spread(plain, count, chunks, self._there, repeat(None))


class Rows:
    """Tuples of any length: their lengths, and all elements one after the other."""

    def __init__(self, element: Column) -> None:
        self._element = element

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Write lengths and elements."""
        lengths = put_numbers(list(map(len, values)), out)
        return [lengths, self._element.put(list(chain.from_iterable(values)), out)]

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return tuples."""
        lengths = get_numbers(plain[0], count, chunks)
        return _cut_up(self._element.get(plain[1], sum(lengths), chunks), lengths)


_ROWS = Rows(Numbers())


def _cut_up(elements: Sequence[Any], lengths: Sequence[int]) -> list[tuple[Any, ...]]:
    ends = list(accumulate(lengths))
    return [tuple(elements[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


class Dated:
    """Pairs of numbers, as ``Person.doings`` has them: newest day and times, then days before it and times in turn."""

    def put(self, values: Sequence[tuple[int, ...]], out: list[bytes]) -> list[Any]:
        """Write pairs, days and times; or the rows as they are where one has no whole pairs."""
        lengths = [len(value) // 2 for value in values]
        flat = list(chain.from_iterable(values))
        if not flat or 0 in lengths or sum(lengths) * 2 != len(flat):
            return _ROWS.put(values, out)
        days, newest, place = flat[::2], max([value[0] for value in values]), 0
        for length in lengths:
            days[place] = newest - days[place]
            place += length
        return [put_numbers(lengths, out), newest, put_numbers(days, out), put_numbers(flat[1::2], out)]

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return tuples."""
        if len(plain) == 2:
            return _ROWS.get(plain, count, chunks)
        lengths = get_numbers(plain[0], count, chunks)
        size, newest, place = sum(lengths), plain[1], 0
        days = get_numbers(plain[2], size, chunks)
        for length in lengths:
            days[place] = newest - days[place]
            place += length
        flat = [0] * (2 * size)
        flat[::2], flat[1::2] = days, get_numbers(plain[3], size, chunks)
        return _cut_up(flat, [2 * length for length in lengths])


class Maps:
    """Dictionaries: their lengths, all keys, all values; the order of the keys is kept."""

    def __init__(self, key: Column, value: Column) -> None:
        self._key, self._value = key, value

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Write lengths, keys and values."""
        lengths = put_numbers(list(map(len, values)), out)
        keys = self._key.put(list(chain.from_iterable(values)), out)
        held = list(chain.from_iterable([value.values() for value in values]))
        return [lengths, keys, self._value.put(held, out)]

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return dictionaries."""
        lengths = get_numbers(plain[0], count, chunks)
        size = sum(lengths)
        keys = self._key.get(plain[1], size, chunks)
        pairs = zip(keys, self._value.get(plain[2], size, chunks), strict=True)
        return [dict(islice(pairs, length)) for length in lengths]


class Tuples:
    """Tuples of one length: a column for each place."""

    def __init__(self, places: Sequence[Column]) -> None:
        self._places = places

    def put(self, values: Sequence[Any], out: list[bytes]) -> list[Any]:
        """Write columns."""
        if not values:
            return []
        return [column.put(held, out) for column, held in zip(self._places, zip(*values, strict=True), strict=True)]

    def get(self, plain: Any, count: int, chunks: Chunks) -> list[Any]:
        """Return tuples."""
        if not count:
            return []
        columns = [one.get(held, count, chunks) for one, held in zip(self._places, plain, strict=True)]
        return list(zip(*columns, strict=True))


def spread(plain: Any, count: int, chunks: Chunks, column: Column, others: Iterable[Any]) -> Sequence[Any]:
    """Return *count* values: those of the column where the bits say so, else the next of the others."""
    if len(plain) == 1:
        return column.get(plain[0], count, chunks)
    which = unmask(count, chunks)
    there, usual = iter(column.get(plain[1], sum(which), chunks)), iter(others)
    return [next(there) if one else next(usual) for one in which]


_DIGITS, _TRUTHS = bytes((48, 49)) + bytes(254), bytes(49) + b"\x01" + bytes(206)
# From 0 and 1 to the digits of an integer, and back: its text in base two is the quickest way to many bits.


def mask(which: Sequence[bool]) -> bytes:
    """Return one bit for each, the last one lowest."""
    return int(bytes(which).translate(_DIGITS) or b"0", 2).to_bytes((len(which) + 7) // 8, "big")


def unmask(count: int, chunks: Chunks) -> bytes:
    """Return a byte for each bit, 0 or 1."""
    number = int.from_bytes(chunks.take((count + 7) // 8), "big")
    if number >> count:
        raise ValueError(f"more than {count} bits")
    return f"{number:0{count}b}".encode().translate(_TRUTHS) if count else b""
