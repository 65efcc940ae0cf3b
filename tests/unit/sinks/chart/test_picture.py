"""The picture of a chart: its size, its colours, and that any chart has one."""

import io
from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from signals.domain.chart import MOST_AHEAD, MOST_VALUES, Ahead, Chart, Level, Mark
from signals.sinks.chart.picture import ACCENT, AHEAD, BAND, GROUND, HEIGHT, INK, PAST, WIDTH, draw_png
from support.charts import drop_chart, every_chart, limit_chart, runway_chart, spike_chart


def picture(chart: Chart) -> Image.Image:
    """The picture as its dots."""
    return Image.open(io.BytesIO(draw_png(chart))).convert("RGBA")


def dots(image: Image.Image, colour: str, box: tuple[int, int, int, int] | None = None) -> int:
    """How many dots of *box* (the whole picture) are of a colour, nearly: the palette rounds it."""
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    part = image.crop(box) if box else image
    found = part.getcolors(part.width * part.height)
    assert found is not None
    return sum(
        count
        for count, dot in found
        if isinstance(dot, tuple) and dot[3] > 250 and all(abs(a - b) <= 9 for a, b in zip(dot, wanted, strict=False))
    )


@pytest.mark.parametrize("name", every_chart())
def test_a_picture_is_small_has_one_accent_and_soft_corners(name: str) -> None:
    """On a ground of its own, so that it can be read on a light page and on a dark one."""
    chart = every_chart()[name]
    data, image = draw_png(chart), picture(chart)

    assert image.size == (WIDTH, HEIGHT)
    assert len(data) < 16_000
    assert dots(image, GROUND) > WIDTH * HEIGHT // 2
    assert dots(image, ACCENT) > 100
    corner = image.getpixel((0, 0))
    assert isinstance(corner, tuple)
    assert corner[3] == 0


def test_equal_charts_give_equal_bytes() -> None:
    """So a repeat can be recognised by what it holds."""
    assert draw_png(drop_chart()) == draw_png(drop_chart())
    assert draw_png(drop_chart()) != draw_png(spike_chart())


def test_what_is_not_there_is_not_drawn() -> None:
    """Neither band nor accent nor line for a plain history."""
    plain = picture(Chart(start=date(2026, 6, 1), values=tuple(range(20, 60))))

    assert dots(plain, PAST) > 1000
    inside = (40, 20, WIDTH - 40, HEIGHT - 70)
    # The soft edges of other shapes may come near a soft colour; an area does not.
    assert [dots(plain, colour, inside) > 200 for colour in (BAND, AHEAD, ACCENT)] == [False, False, False]
    assert dots(picture(drop_chart()), BAND, inside) > 2000


def test_only_what_came_since_it_began_is_in_the_accent() -> None:
    """The left half of a spike of the last day is grey."""
    image = picture(spike_chart())
    half = (0, 0, WIDTH // 2, HEIGHT)

    assert dots(image, ACCENT, half) == 0
    assert dots(image, PAST, half) > 1000


def test_a_forecast_lies_right_of_the_history() -> None:
    """In the soft accent, with the day it ends named below."""
    image = picture(runway_chart())

    assert dots(image, AHEAD, (WIDTH // 2, 0, WIDTH, HEIGHT)) > 500
    assert dots(image, AHEAD, (20, 120, WIDTH // 3, HEIGHT - 20)) < 20


def test_a_line_spans_the_picture() -> None:
    """Dashed, at both ends."""
    image = picture(limit_chart())

    for left in (20, WIDTH - 120):
        assert dots(image, INK, (left, 60, left + 100, HEIGHT - 60)) > 50


def test_the_label_of_a_line_lies_in_the_header() -> None:
    """Not over bars and band: the line's whole length stays free."""
    image = picture(drop_chart())

    assert dots(image, INK, (20, 10, WIDTH // 2, 50)) > 200
    assert dots(image, BAND, (20, 10, WIDTH - 20, 50)) < 300  # soft edges of letters come near it


def test_a_day_of_no_use_has_a_mark_on_the_axis_and_an_unknown_one_has_none() -> None:
    """A total stop is to be seen as what it is."""
    stopped = picture(Chart(start=date(2026, 6, 1), values=(*[5] * 20, *[0] * 20), began=20))
    unknown = picture(Chart(start=date(2026, 6, 1), values=(*[5] * 20, *[None] * 20), began=20))
    right = (WIDTH // 2 + 10, HEIGHT // 2, WIDTH, HEIGHT)

    assert dots(stopped, ACCENT, right) > 500
    assert dots(unknown, ACCENT, right) == 0


def test_a_falling_forecast_ends_at_zero() -> None:
    """Its dots do not run along the axis to where the band ends."""
    late = runway_chart().forecast[-1].day
    longer = msgspec.structs.replace(runway_chart(), marks=(Mark(late + 200, "end"),))
    flat = msgspec.structs.replace(longer, forecast=(*longer.forecast, Ahead(late + 200, 0, 0, 0)))

    assert dots(picture(flat), ACCENT) == dots(picture(longer), ACCENT)


def test_labels_in_letters_the_font_lacks_are_left_out() -> None:
    """The sentence beside the picture has them."""
    chart = Chart(start=date(2026, 6, 1), values=(1, 2), line=Level(2, "жж"), marks=(Mark(1, "中"),))
    bare = Chart(start=date(2026, 6, 1), values=(1, 2), line=Level(2, ""), marks=(Mark(1, ""),))

    assert dots(picture(chart), INK) <= dots(picture(bare), INK)


NUMBERS = st.one_of(st.integers(-(10**15), 10**15), st.floats(-1e12, 1e12, allow_nan=False))
LABELS = st.text(max_size=60)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Any chart within its bounds."""
    values = draw(st.lists(st.one_of(st.none(), NUMBERS), min_size=1, max_size=MOST_VALUES))
    offsets = st.integers(-3700, 3700)
    size = len(values)
    days = draw(st.one_of(st.just([]), st.lists(offsets, min_size=size, max_size=size).map(sorted)))
    band = draw(st.integers(0, size))
    ahead = draw(st.lists(st.tuples(offsets, NUMBERS, NUMBERS, NUMBERS), max_size=min(MOST_AHEAD, 5)))
    return Chart(
        unit=draw(st.sampled_from(["count", "USD"])),
        start=date(2026, 1, 1),
        values=tuple(values),
        days=tuple(days),
        low=tuple(draw(st.lists(NUMBERS, min_size=band, max_size=band))),
        high=tuple(draw(st.lists(NUMBERS, min_size=band, max_size=band))),
        line=draw(st.one_of(st.none(), st.builds(Level, NUMBERS, LABELS))),
        forecast=tuple(Ahead(*one) for one in sorted(ahead, key=lambda one: one[0])),
        marks=tuple(draw(st.lists(st.builds(Mark, offsets, LABELS), max_size=3))),
        began=draw(st.one_of(st.none(), offsets)),
    )


@settings(max_examples=40, deadline=None)
@given(chart=charts())
def test_any_chart_has_a_picture(chart: Chart) -> None:
    """Whatever the numbers, days and words: a card must never fail for its chart."""
    assert picture(chart).size == (WIDTH, HEIGHT)
