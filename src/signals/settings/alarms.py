"""Settings of what watches the pipeline itself: watchdogs and the canary, each limit with its reason."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator

from signals.settings.durations import Duration
from signals.settings.section import Positive, Section, Share, Word


class SilenceSettings(Section):
    """How long an input topic may bring nothing usable while others do; null: not watched.

    A topic that never had a record is not watched either. The defaults leave room for sources that report once a day;
    shorten them to what yours really do.
    """

    usage: Duration | None = timedelta(hours=26)
    """A daily report and two hours; live events: an hour is enough."""
    billing: Duration | None = timedelta(days=3)
    """A weekend with a holiday: small customers' invoices keep office hours."""
    crm: Duration | None = timedelta(days=4)
    """A long weekend: people fill a CRM."""
    feedback: Duration | None = None
    """People's answers: none for a week is no fault."""


class DeadLetterSettings(Section):
    """When dead letters are too many; each process judges what it has seen itself."""

    window: Duration = timedelta(minutes=15)
    share: Share = 0.01
    """Of all records in the window: one in a hundred refused is a producer that changed, not a stray."""
    at_least: Positive = 20
    """Fewer are strays, whatever their share: at night two of ten records would be 20 %."""


class WatchdogSettings(Section):
    """When something has stood still, or been silent, for too long; docs/runbooks/pipeline.md says what to do then."""

    commit_stalled: Duration = timedelta(seconds=60)
    """Detect ends itself then, ingest says so. A commit is due every second; a broker's restart delays it by 20 s."""
    recovery_too_long: Duration = timedelta(minutes=10)
    """Detect ends itself then. About 40,000 accounts are read a second for 30 s, 10,000 after that."""
    merge_waiting: Duration = timedelta(minutes=2)
    """A topic has records that are not fetched, and the merge waits: a partition without a leader, mostly."""
    silent_source: SilenceSettings = SilenceSettings()
    """``time.source = input`` switches these off: a history has pauses of its own."""
    silent_detector: Duration = timedelta(hours=1)
    """Events are applied and no rule is looked at."""
    silent_detector_events: Positive = 1000
    """So many events at least: a few may well touch no rule."""
    dead_sink: Duration = timedelta(minutes=15)
    """Deliveries wait and none arrives. Ordinary outages of a service end within minutes."""
    dead_letters: DeadLetterSettings = DeadLetterSettings()


def _calm(every: timedelta) -> timedelta:
    if every < timedelta(seconds=1):
        raise ValueError("more often than once a second; valid: 1s or longer")
    return every


class CanarySettings(Section):
    """A synthetic account per partition whose event goes through every hop to a channel of its own.

    Its signal is one card there, edited at each arrival; ``signals_canary_age_seconds`` tells how old it is. It is
    kept out of the CRM, of people's channels and of the counts of events and rules.
    """

    every: Annotated[Duration, AfterValidator(_calm)] | None = None
    """None: off. ``1m`` is a good value; each one writes 3.6 kB on its way (measured)."""
    sink: Literal["slack", "webhook"] = "slack"
    channel: Word = "signals-canary"
    """Slack channel; for the webhook it goes to the one address there is."""
    limit: Duration = timedelta(minutes=5)
    """Older means that some hop stands. A restart of any role takes less than two minutes."""
