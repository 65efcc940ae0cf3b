"""What an account does in a day: usage reports, people at work.

Quiet by construction, not by luck: every other week has a release Wednesday of 1.4 times the usual volume. Whatever
seven days one takes, the next seven differ by at least 7 % in alternating directions, while noise, growth and season
together move a week by less than 6 %: four drops in a row need a plan.
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from signals.domain.events.base import Event
from signals.domain.events.usage import ProductIntentShown, UsageReported, UserActed
from signals.simulator.draft import Draft, Member

WEEKDAY = (1.0, 1.05, 1.1, 1.05, 0.9, 0.45, 0.45)
RELEASE = 1.4
NOISE = 0.015
PRODUCT_NOISE = 0.004
FINAL_HOUR = 22.4
# Before midnight, so that a closed day is complete; and in a day of 23 hours too.

SEEN_EVERYTHING = ("experiment viewed", "web analytics viewed", "recording analyzed", "feature flag created")
"""Done by somebody on the first day of every account, unless a plot needs the absence of it."""

ACTIONS: dict[str, tuple[str, str | None]] = {
    "insight created": ("product_analytics", None),
    "insight viewed": ("product_analytics", None),
    "dashboard viewed": ("product_analytics", None),
    "recording analyzed": ("session_replay", None),
    "experiment viewed": ("experiments", None),
    "feature flag created": ("feature_flags", None),
    "web analytics viewed": ("web_analytics", "/web"),
    "docs viewed": ("", "/docs/getting-started"),
}
"""Action -> (product, path)."""

USUAL = ("insight created", "dashboard viewed", "insight viewed", "recording analyzed", "docs viewed")
# Most of what people do is looking; who makes ten things in two weeks stands out.


class UsageDays:
    """The usage side of one account, day by day, in order; a fresh one starts the story again.

    Parameters
    ----------
    draft
        The account; not changed.
    rng
        The account's own stream for this purpose.
    actions
        People's actions on a working day.
    """

    def __init__(self, draft: Draft, rng: Random, actions: float) -> None:
        self.draft, self.rng, self.actions = draft, rng, actions
        self.trend = 1.0
        self.turn = 0
        self.pool = tuple(action for action in USUAL if action not in draft.avoided)

    def on(self, day: int) -> Iterator[Event]:
        """Yield the day's events, not sorted; called once for each day from the account's first on."""
        draft = self.draft
        if day > draft.created:
            self.trend *= 1 + draft.growth_per_week / 7
        day_date = draft.calendar.date_of(day)
        yield from self._reports(day, day_date)
        if draft.ended is not None and day >= draft.ended:
            return
        if day == draft.created:
            yield from self._first_looks(day)
        yield from self._acts(day, day_date)
        if self.rng.random() < 0.03:
            product = tuple(draft.products)[self.rng.randrange(len(draft.products))]
            yield ProductIntentShown(
                org_id=draft.org_id,
                at=draft.at(day, 9 + 8 * self.rng.random()),
                id=draft.moment_id("intent", str(day)),
                product=product,
                context="docs",
            )

    def _volumes(self, day: int, day_date: date) -> dict[str, int]:
        draft, rng = self.draft, self.rng
        level = self.trend * WEEKDAY[day_date.weekday()] * (1 + NOISE * (2 * rng.random() - 1))
        level *= 1 + draft.season * (1 - abs(day_date.timetuple().tm_yday - 183) / 91.5)
        if self._is_release(day, day_date):
            level *= RELEASE
        if draft.levels is not None:
            level *= draft.levels[day]
        if draft.ended is not None and day >= draft.ended:
            level = 0.0
        volumes = {}
        for product, base in draft.products.items():
            share = 1 + PRODUCT_NOISE * (2 * rng.random() - 1)
            if day < draft.activated.get(product, 0):
                continue
            if product in draft.product_levels:
                share *= draft.product_levels[product][day]
            volumes[product] = int(base * level * share)
        return volumes

    def _is_release(self, day: int, day_date: date) -> bool:
        if day_date.weekday() != 2 or (day_date.toordinal() // 7) % 2 != self.draft.parity:
            return False
        return not any(first <= day <= last for first, last in self.draft.calm)

    def _reports(self, day: int, day_date: date) -> Iterator[Event]:
        """Yield one to three reports of the day; the last one is right, the first may be far off.

        A first report may be 2.5 times too high or nearly empty, never ten times too high: it must not be a spike of
        its own before it is put right.
        """
        draft, rng = self.draft, self.rng
        volumes = self._volumes(day, day_date)
        final_at = draft.at(day, FINAL_HOUR + 0.4 * rng.random())
        draw = rng.random()
        if day == draft.created:
            draw = 0.0
            final_at = draft.at(day, 19 if draft.known_before_use else 6)
        members, groups = draft.seats, draft.group_types_on(day)
        if draw > 0.3:
            wrong = 2.5 if draw > 0.97 else 0.1 if draw > 0.94 else 0.97
            first = {product: int(units * wrong) for product, units in volumes.items()}
            yield UsageReported(
                org_id=draft.org_id,
                at=draft.at(day, 15 + rng.random()),
                day=day_date,
                volumes=first,
                group_types=groups,
                members=members,
            )
        yield UsageReported(
            org_id=draft.org_id, at=final_at, day=day_date, volumes=volumes, group_types=groups, members=members
        )

    def _first_looks(self, day: int) -> Iterator[Event]:
        """Yield what every account has seen by the end of its first day, by each person who could be asked about it."""
        for action in SEEN_EVERYTHING:
            if action not in self.draft.avoided:
                for number, member in enumerate(self.draft.people):
                    if member.is_there(day):
                        yield self._act(member, action, day, 7 + number / 10)

    def _acts(self, day: int, day_date: date) -> Iterator[Event]:
        rng = self.rng
        wanted = self.actions if day_date.weekday() < 5 else self.actions * 0.35
        count = int(wanted) + (1 if rng.random() < wanted - int(wanted) else 0)
        there = [member for member in self.draft.people if member.is_there(day)]
        if not there:
            return
        for _ in range(count):
            # In turns, so that nobody is silent for a month by bad luck.
            self.turn += 1
            member = there[self.turn % len(there)]
            action = self.pool[rng.randrange(len(self.pool))]
            hour = (19.5 if day == self.draft.created else 8) + rng.random() * (2 if day == self.draft.created else 10)
            yield self._act(member, action, day, hour)

    def _act(self, member: Member, action: str, day: int, hour: float) -> Event:
        product, path = ACTIONS[action]
        return UserActed(
            org_id=self.draft.org_id,
            at=self.draft.at(day, hour),
            person_id=member.person_id,
            action=action,
            product=product or None,
            path=path,
        )
