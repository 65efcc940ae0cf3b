"""Settings of what people get after an outage."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from signals.settings.durations import Duration
from signals.settings.section import Section


class CatchUpSettings(Section):
    """After an outage: one digest per Slack channel instead of many stale cards."""

    after: Duration | None = timedelta(hours=2)
    """A new card whose step was decided longer ago is stale. None: never; so it is by default with ``time.source:
    input``, where everything is long ago."""
    more_than: Annotated[int, Field(ge=1)] = 10
    """More stale cards than this for one channel become a digest; fewer are posted."""
    see_all: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Address behind the digest's button, such as a list in your CRM."""
