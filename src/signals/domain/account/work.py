"""What was done with the customer: named activities, when first and last."""

from datetime import datetime

import msgspec

from signals.domain.activities import ACTIVITIES
from signals.domain.events.described import ActivityLogged


class Done(msgspec.Struct, frozen=True, array_like=True):
    """One activity: first and last time, and how often."""

    first_at: datetime
    last_at: datetime
    times: int = 1


class Work(msgspec.Struct, frozen=True, omit_defaults=True):
    """Activity name -> when it was done; a name not here never was."""

    done: dict[str, Done] = {}


def activity_logged(work: Work, event: ActivityLogged) -> Work:
    """Note the activity; names that stand in no table are ignored."""
    if event.activity not in ACTIVITIES:
        return work
    known = work.done.get(event.activity)
    done = (
        Done(event.at, event.at)
        if known is None
        else Done(min(known.first_at, event.at), max(known.last_at, event.at), known.times + 1)
    )
    return Work({**work.done, event.activity: done})
