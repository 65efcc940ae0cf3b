"""What somebody said or wrote: events with a text and the topics it is about."""

from signals.domain.events.base import Event, Name, Text


class Spoken(Event, frozen=True, kw_only=True):
    """Base of every event with words of the customer or about them.

    ``topics`` are what a source knows already; the engine's classifier adds what it finds in ``text``.
    """

    text: Text | None = None
    topics: list[Name] = []
    """What it is about, such as ``price_complaint`` or ``tool:Sentry``; found in ``text`` when left out."""
    person_id: Name | None = None
