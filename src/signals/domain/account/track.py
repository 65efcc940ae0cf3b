"""Since when something is as it is, in whatever order its states are told."""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

KEEP_SPAN = timedelta(days=14)
# Longer than events may be late (the admission window): an older state can no longer be followed by one in between.
MAX_STATES = 16


class Track(msgspec.Struct, frozen=True, array_like=True):
    """The last states told, each with its time, oldest first; what came before them is folded into three fields."""

    recent: tuple[tuple[datetime, str | None], ...] = ()
    before: str | None = None
    before_since: datetime | None = None
    until: datetime | None = None
    """Time of the last state folded away; None when none was."""
    changes_before: int = 0

    @property
    def value(self) -> str | None:
        """The newest state."""
        return self.recent[-1][1] if self.recent else self.before

    @property
    def since(self) -> datetime | None:
        """Since when it is as it is."""
        since = None
        for at, value in reversed(self.recent):
            if value != self.value:
                return since
            since = at
        return self.before_since if self.until is not None and self.before == self.value else since

    @property
    def changes(self) -> int:
        """How often it became another one."""
        values = [value for _, value in self.recent]
        if self.until is not None:
            values.insert(0, self.before)
        return self.changes_before + sum(one != other for one, other in pairwise(values))


def tracked(track: Track, at: datetime, value: str | None) -> Track:
    """Return the track with one more state; one older than what is folded away says nothing."""
    if track.until is not None and at <= track.until:
        return track
    states = sorted({**dict(track.recent), at: value}.items())
    begin = states[-1][0] - KEEP_SPAN
    folded = Track((), track.before, track.before_since, track.until, track.changes_before)
    while len(states) > MAX_STATES or states[0][0] < begin:
        folded = _folded(folded, *states.pop(0))
    return msgspec.structs.replace(folded, recent=tuple(states))


def _folded(track: Track, at: datetime, value: str | None) -> Track:
    if track.until is None:
        return Track((), value, at, at)
    same = value == track.before
    return Track((), value, track.before_since if same else at, at, track.changes_before + (not same))
