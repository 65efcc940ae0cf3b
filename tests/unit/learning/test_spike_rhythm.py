"""The shape of a day or a week, and when it is used."""

from signals.learning.spike_rhythm import Rhythm, explains, follow, fresh, shaped

DAY, HOUR = 86_400, 3600


def followed(values: list[float], step: int, *, daily: bool) -> Rhythm:
    """Return the rhythm of values that come every *step* seconds from a Thursday on (1970-01-01)."""
    rhythm, level = fresh(daily=daily), values[0]
    for count, value in enumerate(values):
        shape = shaped(rhythm, count * step, step)
        error = None if shape is None else value - shape
        rhythm = follow(rhythm, count * step, value, value - level, error, count, (error or 0.0) / 100)
        level += (value - level) / 50
    return rhythm


def test_hours_are_learnt_apart() -> None:
    """An hour's mean is that hour's; the shape is used from the third day on."""
    hours = [float(hour) for hour in range(24)]
    rhythm = followed(hours * 3, HOUR, daily=False)
    assert [shaped(rhythm, hour * HOUR, HOUR) for hour in (0, 12, 22)] == [0.0, 12.0, 22.0]
    assert explains(rhythm)
    assert not explains(followed(hours * 2, HOUR, daily=False))


def test_weekdays_are_learnt_apart() -> None:
    """Days of a week are slots of their own; the first of them falls on its weekday."""
    week = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    rhythm = followed(week * 4, DAY, daily=True)
    assert rhythm.means == (50.0, 60.0, 70.0, 10.0, 20.0, 30.0, 40.0)
    assert explains(rhythm)


def test_fine_records_go_from_hour_to_hour_smoothly() -> None:
    """Between the middles of two hours, a record every five minutes is expected between their means."""
    rhythm = Rhythm(tuple(float(10 * hour) for hour in range(24)))
    assert shaped(rhythm, 3 * HOUR + 1800, 300) == 30.0
    assert shaped(rhythm, 4 * HOUR, 300) == 35.0
    assert shaped(rhythm, 4 * HOUR, HOUR) == 40.0


def test_a_shape_that_explains_nothing_is_not_used() -> None:
    """Where every day is another, the hour says no more than the level."""
    values = [float((7 * number) % 101) for number in range(24 * 20)]
    assert not explains(followed(values, HOUR, daily=False))
