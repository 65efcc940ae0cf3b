"""Intent, activation, retention of one product (catalogue 9): what counts as activated, and the arithmetic of days.

Days are ordinals of business days. Day 0 is the day of the first intent that was not a cross-sell one; activation must
come by day 30, and retention is use on the days 61 to 90 of what was activated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ACTIVATE_WITHIN = 30
# Days after the intent, the 30th included (handbook PA).

RETAINED_FROM, RETAINED_TO = 61, 90
# Days after the intent (PROPOSED, the pick among three readings).

FOLLOWED = 97
# Days after the intent for which daily counts are surely kept one by one; older intents are not followed any more.


@dataclass(frozen=True)
class Criterion:
    """An action somebody has to do so many times."""

    action: str
    times: int


CRITERIA: Mapping[str, tuple[Criterion, ...]] = {
    "session_replay": (Criterion("recording analyzed", 5), Criterion("recording filter set", 1)),
    "experiments": (Criterion("experiment launched", 1),),
    "product_analytics": (Criterion("insight created", 4),),
    "group_analytics": (Criterion("insight viewed", 2),),
    "customer_analytics": (Criterion("insight viewed", 2),),
    "web_analytics": (Criterion("web analytics viewed", 3),),
    "feature_flags": (Criterion("feature flag created", 1),),
    "surveys": (Criterion("survey launched", 1),),
    "error_tracking": (Criterion("error issue viewed", 3),),
    "data_warehouse": (Criterion("batch import created", 1), Criterion("insight on external data saved", 1)),
    "batch_exports": (Criterion("batch export enabled", 1),),
    "posthog_ai": (Criterion("chat with ai", 3),),
}
"""Product -> what makes it activated; all of it. The first five are the handbook's (PA), the others ours.

A product that stands nowhere is activated when the source says so.
"""

RETAINED_BY: Mapping[str, tuple[str, ...]] = {"session_replay": ("recording analyzed",)}
"""Product -> actions that count as use on the days of retention, where its units do not (PA)."""

Counts = Callable[[str, int, int], Sequence[int]]
"""(action, first day, last day) -> times on each day."""


def met_on(criteria: Iterable[Criterion], counts: Counts, first: int, last: int) -> int | None:
    """Return the day by which all criteria are met, counted from *first* on; None when not by *last*.

    >>> met_on([Criterion("look", 3)], lambda action, first, last: [1, 0, 2, 5], 100, 103)
    102
    """
    days = []
    for one in criteria:
        seen = 0
        for place, times in enumerate(counts(one.action, first, last)):
            seen += times
            if seen >= one.times:
                days.append(first + place)
                break
        else:
            return None
    return max(days, default=None)


@dataclass(frozen=True)
class Rates:
    """A funnel of many first intents: how many, of them activated, of those retained."""

    intents: int
    activated: int
    retained: int

    @classmethod
    def of(cls, cases: Iterable[tuple[bool, bool]]) -> "Rates":
        """Return the funnel of (activated, used on the days of retention); use without activation does not count.

        >>> Rates.of([(True, True), (True, False), (False, True), (False, False)]).retained_share
        Decimal('0.25')
        """
        known = tuple(cases)
        return cls(len(known), sum(one for one, _ in known), sum(one and used for one, used in known))

    @property
    def activated_share(self) -> Decimal | None:
        """Activated of all intents; None without an intent."""
        return Decimal(self.activated) / self.intents if self.intents else None

    @property
    def retained_share(self) -> Decimal | None:
        """Retained of all intents; None without an intent."""
        return Decimal(self.retained) / self.intents if self.intents else None

    @property
    def retained_of_activated(self) -> Decimal | None:
        """Retained of the activated; None while nobody is."""
        return Decimal(self.retained) / self.activated if self.activated else None
