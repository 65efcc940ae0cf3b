"""What sources report as it is now (traits), and what was done with the customer (activities); on the CRM topic."""

from signals.domain.events.base import Event, Name
from signals.domain.traits.table import TRAITS, trait_value
from signals.domain.traits.trait import RawTrait


class TraitsReported(Event, frozen=True, kw_only=True, tag="traits_reported"):
    """Properties of the account as they are now; only those named change, ``null`` means known to be absent."""

    traits: dict[Name, RawTrait]
    """Name -> value; ``src/signals/domain/traits`` lists the names. Numbers with a fraction are written as text."""

    def __post_init__(self) -> None:
        """Refuse values of the wrong kind, naming the trait.

        Raises
        ------
        ValueError
            As for every event, and for each trait whose value is not of its kind.
        """
        Event.__post_init__(self)
        for name, value in self.traits.items():
            if name in TRAITS:
                trait_value(name, value)


class ActivityLogged(Event, frozen=True, kw_only=True, tag="activity_logged"):
    """Something with a name was done with the customer: a call held, a plan shared, a visit made."""

    activity: Name
    """One of ``src/signals/domain/activities.py``."""
    person_id: Name | None = None
    """Who of the customer took part."""
    by: Name | None = None
    """Who of us did it."""
