"""The daily series of an account apart from the rest: their shapes, and all their numbers as noise around the usual.

Of small accounts the numbers are planes of bytes, as quick as can be. Of large ones three things are not stored: the
series of all products together where it is their sum, the weeks' places, and the numbers of the months; and series that
count a handful a day have no usual, their numbers are a byte each.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import NamedTuple

import msgspec

from signals.domain.account.daily import Daily
from signals.domain.account.past import WEEK, Past
from signals.domain.account.state import Account
from signals.domain.account.usage import TOTAL
from signals.streams.lanes import WORD, words_in, words_out
from signals.streams.noise import Laid, lay_out, taken_up

SHELVES = (("usage", "days"), ("usage", "actions"), ("usage", "measures"), ("mix", "types"), ("mix", "signatures"))
"""Facet and field of the series, name -> ``Daily``. The place of each is stored: new ones come last."""

CALM = 255
"""Stands for the bits of noise of a series that is written as it is."""

_CALM_DAYS = bytes(range(16))
_BYTE = 256
_FEW_SERIES = 15
# Of five products: what their noise takes in planes is little, and half of the time goes into cutting it off.
_NEIGHBOUR = 1
# A week and a month are like the one before, a day like the same weekday a week before.


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What of a ``Daily`` is no number of units: where it begins, and how many days, weeks and months it has."""

    name: str
    start: int
    days: int
    weeks: int = -1
    """They end where the days begin. -1: it has no past."""
    month: int = 0
    """Number of the first month; they follow each other."""
    months: int = 0


class Series(msgspec.Struct, frozen=True, array_like=True):
    """The series of an account but for their numbers."""

    shelves: tuple[tuple[Shape, ...], ...] = ()
    """In the order of ``SHELVES``; empty ones at the end are left out."""
    summed: bool = False
    """The series of all products together is their sum: its numbers are not stored."""
    cuts: bytes = b""
    """Of each series ``CALM``, or the bits of noise of its days, and if it has a past of its weeks and months.

    None at all: the numbers are in the planes.
    """
    planes: bytes = b""


class Numbers(NamedTuple):
    """The numbers of all series."""

    blocks: tuple[bytes, ...] = ()
    """Those that shrink: days of calm series, their weeks and months, what is left of the others."""
    noise: bytes = b""


def laid_plainly(account: Account) -> tuple[Account, Series]:
    """Return an account without its series, and the series with their numbers as planes: a third larger, and quick."""
    held = _shelves(account)
    numbers = array("Q")
    try:
        for daily in _stored(held, summed=False):
            past = daily.past
            numbers.extend(daily.values)
            if past is not None:
                if not _is_usual(daily.start, past):
                    return account, Series()
                numbers.extend(past.weeks)
                numbers.extend([units for _, units in past.months])
    except OverflowError:
        return account, Series()
    width = (max(numbers, default=0).bit_length() + 7) // 8
    column = words_out(numbers)
    planes = b"".join([column[byte::WORD] for byte in range(width)])
    return _with(account, [{} for _ in held]), Series(_shapes(held), planes=planes)


def _from_planes(series: Series) -> list[dict[str, Daily]]:
    shapes = [shape for shelf in series.shelves for shape in shelf]
    count = sum([shape.days + max(shape.weeks, 0) + shape.months for shape in shapes])
    width = len(series.planes) // count if count else 0
    if len(series.planes) != width * count or width > WORD:
        raise ValueError(f"{len(series.planes)} bytes are no planes of {count} numbers")
    column = bytearray(count * WORD)
    for byte in range(width):
        column[byte::WORD] = series.planes[byte * count : (byte + 1) * count]
    numbers = iter(words_in(bytes(column)).tolist())
    shelves: list[dict[str, Daily]] = []
    for shelf in series.shelves:
        found: dict[str, Daily] = {}
        for shape in shelf:
            days, past = tuple(islice(numbers, shape.days)), None
            if shape.weeks >= 0:
                weeks = list(islice(numbers, shape.weeks))
                past = _past(shape, weeks, list(islice(numbers, shape.months)))
            found[shape.name] = Daily(shape.start, days, past)
        shelves.append(found)
    return shelves


def _shelves(account: Account) -> list[Mapping[str, Daily]]:
    held: list[Mapping[str, Daily]] = [getattr(getattr(account, facet), field) for facet, field in SHELVES]
    while held and not held[-1]:
        held.pop()
    return held


def _shapes(held: Sequence[Mapping[str, Daily]]) -> tuple[tuple[Shape, ...], ...]:
    return tuple([tuple([_shape(name, daily) for name, daily in shelf.items()]) for shelf in held])


def taken_out(account: Account) -> tuple[Account, Series, Numbers]:
    """Return an account without its series, the series, and their numbers.

    An account with a series unlike those our reducers make keeps all of them.
    """
    held = _shelves(account)
    if not held:
        return account, Series(), Numbers()
    summed = _is_sum(account.usage.days)
    calm: list[tuple[bytes, bytes, list[int]]] = []
    noisy: list[Sequence[int]] = []
    lags: list[int] = []
    for daily in _stored(held, summed):
        past = daily.past
        if past is not None and not _is_usual(daily.start, past):
            return account, Series(), Numbers()
        few = _few(daily)
        if few is not None:
            calm.append(few)
            lags.append(CALM)
            continue
        noisy.append(daily.values)
        lags.append(WEEK)
        if past is not None:
            noisy += (past.weeks, [units for _, units in past.months])
            lags += (_NEIGHBOUR, _NEIGHBOUR)
    try:
        blocks = _calm_blocks(calm)
        laid = lay_out(noisy, [lag for lag in lags if lag != CALM], cut=len(noisy) > _FEW_SERIES)
    except (OverflowError, ValueError):
        return account, Series(), Numbers()
    found = iter(laid.cuts)
    cuts = bytes([CALM if lag == CALM else next(found) for lag in lags])
    return (
        _with(account, [{} for _ in held]),
        Series(_shapes(held), summed, cuts),
        Numbers((*blocks, laid.rest), laid.noise),
    )


def _stored(held: Sequence[Mapping[str, Daily]], summed: bool) -> Iterator[Daily]:
    for place, shelf in enumerate(held):
        for name, daily in shelf.items():
            if not (summed and place == 0 and name == TOTAL):
                yield daily


def put_back(account: Account, series: Series, data: bytes, noise: bytes) -> Account:
    """Return the account that ``taken_out`` or ``laid_plainly`` was given.

    Parameters
    ----------
    data
        The blocks of its numbers, one after the other.

    Raises
    ------
    ValueError, StopIteration
        Shapes and numbers do not fit each other.
    """
    if not series.cuts:
        if data or noise:
            raise ValueError(f"{len(data) + len(noise)} bytes of numbers too many")
        return _with(account, _from_planes(series))
    marks = iter(series.cuts)
    calm: list[Shape] = []
    noisy: list[Shape] = []
    cuts, lags, sizes = bytearray(), [], []
    for place, shapes in enumerate(series.shelves):
        for shape in shapes:
            if series.summed and place == 0 and shape.name == TOTAL:
                continue
            cut = next(marks)
            if cut == CALM:
                calm.append(shape)
                continue
            noisy.append(shape)
            cuts.append(cut)
            lags.append(WEEK)
            sizes.append(shape.days)
            if shape.weeks >= 0:
                cuts += bytes((next(marks), next(marks)))
                lags += (_NEIGHBOUR, _NEIGHBOUR)
                sizes += (shape.weeks, shape.months)
    found, size = _from_calm(calm, data)
    laid = iter(taken_up(Laid(noise, bytes(cuts), data[size:]), sizes, lags))
    for shape in noisy:
        days, past = tuple(next(laid)), None
        if shape.weeks >= 0:
            past = _past(shape, next(laid), next(laid))
        found[id(shape)] = Daily(shape.start, days, past)
    shelves: list[dict[str, Daily]] = []
    for shapes in series.shelves:
        shelves.append({shape.name: found.get(id(shape), _LATER) for shape in shapes})
        if series.summed and len(shelves) == 1:
            shelves[0][TOTAL] = _sum(shelves[0], next(shape for shape in shapes if shape.name == TOTAL))
    return _with(account, shelves)


_LATER = Daily()
# Keeps the place of the sum in the order of the series.


def _with(account: Account, shelves: Sequence[Mapping[str, Daily]]) -> Account:
    changed: dict[str, dict[str, Mapping[str, Daily]]] = {}
    for (facet, field), shelf in zip(SHELVES, shelves, strict=False):
        changed.setdefault(facet, {})[field] = shelf
    facets = {name: msgspec.structs.replace(getattr(account, name), **fields) for name, fields in changed.items()}
    return msgspec.structs.replace(account, **facets) if facets else account


def _shape(name: str, daily: Daily) -> Shape:
    past = daily.past
    if past is None:
        return Shape(name, daily.start, len(daily.values))
    month = past.months[0][0] if past.months else 0
    return Shape(name, daily.start, len(daily.values), len(past.weeks), month, len(past.months))


def _is_usual(start: int, past: Past) -> bool:
    months = past.months
    first = months[0][0] if months else 0
    return past.end == start and [month for month, _ in months] == list(range(first, first + len(months)))


def _past(shape: Shape, weeks: Sequence[int], months: Sequence[int]) -> Past:
    return Past(shape.start - WEEK * shape.weeks, tuple(weeks), tuple(enumerate(months, shape.month)))


# -- calm series -------------------------------------------------------------------------------------------------------


def _few(daily: Daily) -> tuple[bytes, bytes, list[int]] | None:
    """Return days, weeks and months of a series that counts a few a day; None: it is none."""
    try:
        days = bytes(daily.values)
        if days.translate(None, _CALM_DAYS):
            return None
        past = daily.past
        return (days, b"", []) if past is None else (days, bytes(past.weeks), [units for _, units in past.months])
    except ValueError:  # a number above 255, or below 0
        return None


def _calm_blocks(calm: Sequence[tuple[bytes, bytes, list[int]]]) -> tuple[bytes, bytes]:
    """Return all days; and all weeks, then the two bytes of the months.

    Raises
    ------
    ValueError
        A month is out of all proportion to its weeks.
    """
    months = [units for _, _, own in calm for units in own]
    low, high = bytes([units % _BYTE for units in months]), bytes([units // _BYTE for units in months])
    return b"".join([days for days, _, _ in calm]), b"".join([*[weeks for _, weeks, _ in calm], low, high])


def _from_calm(shapes: Sequence[Shape], data: bytes) -> tuple[dict[int, Daily], int]:
    """Return the series by the ``id`` of their shapes, and how many bytes they took."""
    week = sum([shape.days for shape in shapes])
    month = week + sum([max(shape.weeks, 0) for shape in shapes])
    count = sum([shape.months for shape in shapes])
    end = month + 2 * count
    if end > len(data):
        raise ValueError(f"{len(data)} bytes of numbers, expected at least {end}")
    months = [low + high * _BYTE for low, high in zip(data[month:], data[month + count : end], strict=False)]
    day, place = 0, 0
    found: dict[int, Daily] = {}
    for shape in shapes:
        days, past = tuple(data[day : day + shape.days]), None
        day += shape.days
        if shape.weeks >= 0:
            past = _past(shape, data[week : week + shape.weeks], months[place : place + shape.months])
            week, place = week + shape.weeks, place + shape.months
        found[id(shape)] = Daily(shape.start, days, past)
    return found, end


# -- the sum of all products -------------------------------------------------------------------------------------------


def _is_sum(days: Mapping[str, Daily]) -> bool:
    total = days.get(TOTAL)
    if total is None or len(days) == 1:
        return False
    shape = _shape(TOTAL, total)
    return _fit(days, shape) and _sum(days, shape) == total


def _fit(days: Mapping[str, Daily], shape: Shape) -> bool:
    """Whether each product's series lies within that of all, its weeks and months beside the others'."""
    end = shape.start + shape.days
    for daily in days.values():
        past = daily.past
        if daily.start < shape.start or daily.start + len(daily.values) > end:
            return False
        if past is not None and (daily.start != shape.start or not _within(past, shape)):
            return False
    return True


def _within(past: Past, shape: Shape) -> bool:
    if len(past.weeks) > shape.weeks:
        return False
    months = past.months
    return not months or (shape.month <= months[0][0] and months[-1][0] < shape.month + shape.months)


def _sum(days: Mapping[str, Daily], shape: Shape) -> Daily:
    """Return the sum of the products' series, which ``_fit`` the shape.

    >>> _sum({"a": Daily(10, (1, 2)), "b": Daily(11, (5,)), "total": Daily()}, Shape("total", 10, 2))
    Daily(start=10, values=(1, 7), past=None)
    """
    products = [daily for name, daily in days.items() if name != TOTAL]
    units = _added([(daily.start - shape.start, daily.values) for daily in products], shape.days)
    if shape.weeks < 0:
        return Daily(shape.start, units)
    pasts = [daily.past for daily in products if daily.past is not None]
    weeks = _added([(shape.weeks - len(past.weeks), past.weeks) for past in pasts], shape.weeks)
    monthly = [(past.months[0][0] - shape.month, [count for _, count in past.months]) for past in pasts if past.months]
    return Daily(shape.start, units, _past(shape, weeks, _added(monthly, shape.months)))


def _added(parts: Sequence[tuple[int, Sequence[int]]], size: int) -> tuple[int, ...]:
    """Return the sums of numbers at their places."""
    padded = [
        numbers if len(numbers) == size else (*repeat(0, begin), *numbers, *repeat(0, size - begin - len(numbers)))
        for begin, numbers in parts
    ]
    return tuple(map(sum, zip(*padded, strict=True))) if padded else (0,) * size
