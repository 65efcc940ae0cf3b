"""A chart as a PNG: legible on a phone, on a light and on a dark page, with one colour of accent.

The picture has a ground of its own, since Slack does not say on which it is shown. It holds numbers and dates and short
labels of ours; titles stay outside, where they are text.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from signals.domain.chart import Ahead, Chart, Mark, Number
from signals.sinks.chart.scale import Frame, Scale
from signals.sinks.chart.words import GONE, day_of, gone_between, number_words
from signals.sinks.safety import clean
from signals.sinks.wording import MINUS, day_words

WIDTH, HEIGHT = 840, 360
"""Dots; twice what Slack shows beside text, so that it is sharp on a dense screen."""

GROUND, EDGE = "#ffffff", "#dcdfe4"
INK, QUIET = "#3b4252", "#676f7b"
PAST, BAND, BAND_EDGE = "#a3adbb", "#e3e8f0", "#7d899a"
ACCENT, AHEAD = "#2563d9", "#d6e2f9"

_FINE = 2
# Lines have no soft edges in Pillow: they are drawn twice as large and shrunk.
_LEFT, _TOP, _RIGHT, _BOTTOM = 26, 50, WIDTH - 26, HEIGHT - 54
_BARS_MOST_WIDE = 26.0
_GAP_IN_BARS = 0.28
_TEXT = 26
_LINE = 4
_DOT = 7
_ROUND = 18
_STUB = 5
_SAMPLE = 46
# Room for a short piece of what a label in the header is of.
_ROW = 32
# Height of a row of labels above the plot.

_FONT = ImageFont.load_default(_TEXT)
# Aileron, which Pillow carries with it: the picture is the same on every machine. It has the letters of ASCII only.

Box = tuple[float, float, float, float]


def draw_png(chart: Chart) -> bytes:
    """Return the picture; equal charts give equal bytes."""
    bars = not chart.days
    scale = Scale(chart, Frame(_LEFT, _TOP, _RIGHT, _BOTTOM), bars=bars)
    keys, rows = _keys(scale, chart)
    scale = Scale(chart, Frame(_LEFT, _TOP + _ROW * (rows + len(chart.marks)), _RIGHT, _BOTTOM), bars=bars)
    shapes = Image.new("RGBA", (WIDTH * _FINE, HEIGHT * _FINE), (0, 0, 0, 0))
    pen = _Pen(ImageDraw.Draw(shapes))
    pen.panel()
    _band(pen, scale, chart.band(), BAND)
    ahead = tuple((one.day, one.low, one.high) for one in chart.forecast)
    _band(pen, scale, ahead, AHEAD)
    pen.line([(_LEFT, scale.y(0)), (_RIGHT, scale.y(0))], EDGE, 2)
    _samples(pen, keys)
    _marks(pen, scale, chart, rows)
    if bars:
        _bars(pen, scale, chart)
        _edges(pen, scale, chart)
    else:
        _points(pen, scale, chart)
    if chart.line is not None:
        y = scale.y(chart.line.value)
        pen.dashes([(_LEFT, y), (_RIGHT, y)], INK, dash=12, gap=8, width=2.5)
    ahead_line = [(scale.x(one.day), scale.y(one.mid)) for one in _until_gone(chart)]
    pen.dashes(ahead_line, ACCENT, dash=3, gap=8, width=_LINE)
    image = shapes.reduce(_FINE)
    letters = _Lettering(ImageDraw.Draw(image))
    for key in keys:
        letters.write(key.text, key.x + _SAMPLE, key.y, ACCENT if key.band else INK, anchor="lm")
    _labels(letters, scale, chart, rows)
    packed = io.BytesIO()
    # A palette of 64 colours holds two hues and their soft edges, in a third of the bytes.
    image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(packed, "PNG")
    return packed.getvalue()


class _Pen:
    """Draws in dots of the picture on the enlarged ground."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def panel(self) -> None:
        """Draw the ground with its soft corners."""
        box = (0, 0, WIDTH * _FINE - 1, HEIGHT * _FINE - 1)
        self._draw.rounded_rectangle(box, radius=_ROUND * _FINE, fill=GROUND, outline=EDGE, width=2 * _FINE)

    def area(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """Fill a shape."""
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=colour)

    def bar(self, box: Box, colour: str, round_by: float) -> None:
        """Draw an upright bar, softly cornered at its free end."""
        left, top, right, bottom = (place * _FINE for place in box)
        radius = min(round_by * _FINE, (right - left) / 2, max(bottom - top, 0) / 2)
        self._draw.rounded_rectangle((left, top, right, max(bottom, top + 1)), radius=radius, fill=colour)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        """Draw a line through the points."""
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        self._draw.line(fine, fill=colour, width=round(width * _FINE), joint="curve")

    def dashes(
        self, points: Sequence[tuple[float, float]], colour: str, *, dash: float, gap: float, width: float
    ) -> None:
        """Draw a broken line; dashes as long as it is wide are dots."""
        along = 0.0
        for (x0, y0), (x1, y1) in pairwise(points):
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            if not length:
                continue
            place = -along
            while place < length:
                begin, end = max(place, 0) / length, min(place + dash, length) / length
                if end > begin:
                    ends = [(x0 + (x1 - x0) * at, y0 + (y1 - y0) * at) for at in (begin, end)]
                    self.line(ends, colour, width)
                place += dash + gap
            along = (along + length) % (dash + gap)

    def dot(self, place: tuple[float, float], size: float, colour: str) -> None:
        """Draw a round dot with a rim of the ground's colour."""
        x, y = place
        for radius, fill in ((size + 3, GROUND), (size, colour)):
            box = ((x - radius) * _FINE, (y - radius) * _FINE, (x + radius) * _FINE, (y + radius) * _FINE)
            self._draw.ellipse(box, fill=fill)


def _band(pen: _Pen, scale: Scale, band: Iterable[tuple[int, Number, Number]], colour: str) -> None:
    edges = [(scale.x(day), scale.y(low), scale.y(high)) for day, low, high in band]
    if len(edges) > 1:
        pen.area([(x, high) for x, _, high in edges] + [(x, low) for x, low, _ in reversed(edges)], colour)


def _edges(pen: _Pen, scale: Scale, chart: Chart) -> None:
    """Draw the band's ends over the bars: what of it lies within them would not be seen."""
    for end in (1, 2):
        pen.line([(scale.x(one[0]), scale.y(one[end])) for one in chart.band()], BAND_EDGE, 1.5)


def _colour(chart: Chart, day: int) -> str:
    return PAST if chart.began is None or day < chart.began else ACCENT


def _bars(pen: _Pen, scale: Scale, chart: Chart) -> None:
    half = min(scale.step * (1 - _GAP_IN_BARS), _BARS_MOST_WIDE) / 2
    for day, value in chart.points():
        if value == 0:  # a day without use is not a day without a report, and a total stop has its colour
            pen.bar((scale.x(day) - half, scale.y(0) - _STUB, scale.x(day) + half, scale.y(0)), _colour(chart, day), 0)
        elif value:
            x, top, bottom = scale.x(day), *sorted((scale.y(0), scale.y(value)))
            pen.bar((x - half, top, x + half, bottom), _colour(chart, day), 3)


def _points(pen: _Pen, scale: Scale, chart: Chart) -> None:
    runs: list[list[tuple[float, float]]] = [[]]
    for day, value in chart.points():
        if value is None:
            runs.append([])
        else:
            runs[-1].append((scale.x(day), scale.y(value)))
    for run in runs:
        if len(run) > 1:
            pen.area([(run[0][0], scale.y(0)), *run, (run[-1][0], scale.y(0))], BAND)
            pen.line(run, INK, _LINE)
    if runs[-1]:
        pen.dot(runs[-1][-1], _DOT, ACCENT)


def _until_gone(chart: Chart) -> tuple[Ahead, ...]:
    """Return the forecast up to where a falling middle reaches zero: there it ends, and is no line along the axis."""
    ahead = chart.forecast
    gone = next((at for at, one in enumerate(ahead) if one.mid <= 0), None)
    return ahead if gone is None or ahead[0].mid <= 0 else ahead[: gone + 1]


@dataclass(frozen=True)
class _Key:
    """A label in the header beside a sample of the line or the band it is of; its left end and its middle."""

    text: str
    x: float
    y: float
    band: bool = False


def _keys(scale: Scale, chart: Chart) -> tuple[list[_Key], int]:
    """Return the labels of the line and the band, and how many rows they take above those of the marks.

    None where they fit left of the highest mark's label: no mark's line goes up there.
    """
    said = []
    if chart.line is not None:
        said.append((f"{clean(chart.line.label)}: {number_words(chart.line.value, chart.unit)}", False))
    gone = gone_between(chart)
    if gone is not None:
        early, late = (None if day is None else _short(day, chart) for day in gone)
        said.append((f"{GONE} from {early} on" if late is None else f"{GONE} {early} to {late}", True))
    found: list[_Key] = []
    x, row = float(_LEFT), 1
    for text, band in said:
        plain = text.replace(MINUS, "-")
        if not plain.isascii():
            continue
        width = _SAMPLE + _FONT.getlength(plain)
        if found and x + width > _RIGHT:
            x, row = float(_LEFT), row + 1
        found.append(_Key(plain, x, _ROW * row, band))
        x += width + _SAMPLE
    beside = False
    if found and row == 1 and chart.marks:
        text, at, anchor = _beside(scale, chart, _rows(chart, 0)[0][1])
        beside = anchor == "rm" and x <= at - _FONT.getlength(text)
    return found, row if found and not beside else 0


def _beside(scale: Scale, chart: Chart, mark: Mark) -> tuple[str, float, str]:
    """Return the label of a mark, where it is, and which end of it is there: left of its line where there is room."""
    text, x = f"{clean(mark.label)} {_short(mark.day, chart)}", scale.x(mark.day)
    room = x - 8 - _FONT.getlength(text) >= _LEFT
    return text, x - 8 if room else x + 8, "rm" if room else "lm"


def _samples(pen: _Pen, keys: list[_Key]) -> None:
    for key in keys:
        if key.band:
            pen.area([(key.x + at, key.y + up) for at, up in ((0, -9), (34, -9), (34, 9), (0, 9))], AHEAD)
            pen.dashes([(key.x, key.y), (key.x + 34, key.y)], ACCENT, dash=3, gap=8, width=_LINE)
        else:
            pen.dashes([(key.x, key.y), (key.x + 34, key.y)], INK, dash=12, gap=8, width=2.5)


def _rows(chart: Chart, above: int) -> list[tuple[float, Mark]]:
    """Return (vertical place of its label, mark): the latest highest, so that no label lies across a mark's line."""
    ordered = sorted(chart.marks, key=lambda mark: -mark.day)
    return [(_ROW * (above + row + 1), mark) for row, mark in enumerate(ordered)]


def _marks(pen: _Pen, scale: Scale, chart: Chart, above: int) -> None:
    for y, mark in _rows(chart, above):
        x = scale.x(mark.day)
        pen.dashes([(x, y - 10), (x, _BOTTOM)], QUIET, dash=5, gap=5, width=2)


class _Lettering:
    """Writes in dots of the picture, within its edges."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw
        self._taken: list[Box] = []

    def width(self, text: str) -> float:
        """Return how wide *text* is."""
        return self._draw.textlength(text, font=_FONT)

    def write(self, text: str, x: float, y: float, colour: str, *, anchor: str, around: bool = False) -> bool:
        """Write *text* at a place, and say whether; not where something is written, nor in letters the font lacks.

        *anchor* is Pillow's; *around* lays the ground below it, for text that lies on a shape.
        """
        text = text.replace(MINUS, "-")
        if not text.isascii():
            return False
        left, top, right, bottom = self._draw.textbbox((x, y), text, font=_FONT, anchor=anchor)
        shift = max(_LEFT - left, 0) - max(right - _RIGHT, 0)
        box = (left + shift - 6, top - 2, right + shift + 6, bottom + 2)
        if any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in self._taken):
            return False
        self._taken.append(box)
        place = (x + shift, y)
        if around:
            self._draw.rounded_rectangle((box[0] + 2, top - 2, box[2] - 2, bottom + 2), radius=4, fill=GROUND)
        self._draw.text(place, text, fill=colour, font=_FONT, anchor=anchor)
        return True


def _labels(letters: _Lettering, scale: Scale, chart: Chart, above: int) -> None:
    for y, mark in _rows(chart, above):
        text, x, anchor = _beside(scale, chart, mark)
        # On neither side may there be room for a long one: the line then stops below it.
        letters.write(text, x, y, INK, anchor=anchor, around=True)
    known = [(value, day) for day, value in chart.points() if value is not None]
    highest = [day for value, day in known if value == max(known)[0]]
    for day in highest[-1:] + highest[:1]:  # the first one where the last one's place is taken
        value, anchor = max(known)[0], "rd" if chart.forecast and day == chart.last_day else "md"
        words = number_words(value, chart.unit)
        if letters.write(words, scale.x(day), scale.y(value) - 8, INK, anchor=anchor, around=True):
            break
    if chart.days and chart.forecast and chart.forecast[-1].mid:
        end = chart.forecast[-1]
        x, y = scale.x(end.day), scale.y(max(end.mid, end.high)) - 8
        letters.write(number_words(end.mid, chart.unit), x, y, ACCENT, anchor="rd", around=True)
    base = HEIGHT - 26
    letters.write(_short(scale.first, chart), _LEFT, base, QUIET, anchor="lm")
    letters.write(_short(scale.last, chart), _RIGHT, base, QUIET, anchor="rm")
    if scale.last > chart.last_day:
        letters.write(_short(chart.last_day, chart), scale.x(chart.last_day), base, QUIET, anchor="mm")


def _short(offset: int, chart: Chart) -> str:
    """Return a day without its year where all days of the chart are of one year."""
    words = day_words(day_of(chart, offset))
    days = [day for day, _ in chart.points()]
    days += [one.day for one in chart.forecast] + [one.day for one in chart.marks]
    same = day_of(chart, min(days)).year == day_of(chart, max(days)).year
    return words.rpartition(" ")[0] if same else words
