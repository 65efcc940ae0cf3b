"""From days and numbers to places in a picture."""

from dataclasses import dataclass

from signals.domain.chart import Chart, Number

HEADROOM = 1.06
"""The highest point stays below the upper edge by this factor."""


@dataclass(frozen=True)
class Frame:
    """The area of the plot, in dots of the picture, from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class Scale:
    """Places of one chart in one frame. The numbers always include zero: half a fall must look like half."""

    def __init__(self, chart: Chart, frame: Frame, *, bars: bool) -> None:
        days = [day for day, _ in chart.points()]
        days += [one.day for one in chart.forecast] + [one.day for one in chart.marks]
        low, high = chart.spread
        self.frame = frame
        self.first, self.last = min(days), max(days)
        self.low, self.high = min(low, 0) * HEADROOM, max(high, 0) * HEADROOM or 1.0
        # A bar stands around its day, so the outer ones need half a day of room.
        self._room = 0.5 if bars else 0.0
        self.step = (frame.right - frame.left) / max(self.last - self.first + 2 * self._room, 1)

    def x(self, day: float) -> float:
        """Return the horizontal place of a day."""
        return self.frame.left + (day - self.first + self._room) * self.step

    def y(self, value: Number) -> float:
        """Return the vertical place of a number."""
        share = (value - self.low) / (self.high - self.low)
        return self.frame.bottom - share * (self.frame.bottom - self.frame.top)
