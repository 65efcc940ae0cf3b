"""Interest, activation and leads over all accounts: rates, shares, funnels (catalogue 1.9, 1.13, 9)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from signals.domain.summary import ClosedTask, Deal, Summary

ACTIVATE_WITHIN = timedelta(days=30)
"""Handbook PA: activation within 30 days of the first own intent."""


@dataclass(frozen=True)
class Share:
    """A part of a whole; ``share`` is None of nothing."""

    part: int
    whole: int

    @property
    def share(self) -> Decimal | None:
        """Part by whole."""
        return Decimal(self.part) / self.whole if self.whole else None


def activation(accounts: Iterable[Summary], product: str, first: date, last: date) -> Share:
    """Return how many of the first own intents of *first* .. *last* were activated within 30 days."""
    shown = [
        one.interests[product]
        for one in accounts
        if product in one.interests and first <= one.interests[product].first_on <= last
    ]
    activated = sum(
        one.activated_on is not None and one.activated_on - one.first_on <= ACTIVATE_WITHIN for one in shown
    )
    return Share(activated, len(shown))


def products_of_interest(accounts: Iterable[Summary]) -> tuple[str, ...]:
    """Return the products somebody showed an own intent in."""
    return tuple(sorted({product for one in accounts for product in one.interests}))


def closed_between(accounts: Iterable[Summary], first: date, last: date) -> list[ClosedTask]:
    """Return the lead tasks finished on *first* .. *last*."""
    return [task for one in accounts for task in one.tasks if first <= task.closed_on <= last]


def conversion(tasks: Iterable[ClosedTask]) -> dict[str, Share]:
    """Return lead type -> how many of its finished leads were won."""
    won, whole = Counter[str](), Counter[str]()
    for task in tasks:
        whole[task.source] += 1
        won[task.source] += task.won
    return {source: Share(won[source], count) for source, count in sorted(whole.items()) if source}


def reason_share(tasks: Sequence[ClosedTask], reason: str) -> Share:
    """Return how many of the disqualified ones give that reason."""
    lost = [task for task in tasks if not task.won]
    return Share(sum(task.reason == reason for task in lost), len(lost))


def quiet_share(tasks: Iterable[ClosedTask], reason: str, today: date, quiet: timedelta) -> Share:
    """Return how many of those disqualified for a reason had no activity for *quiet* after it."""
    given = [task for task in tasks if not task.won and task.reason == reason and today - task.closed_on >= quiet]
    still = sum(task.touched_on is None or task.touched_on <= task.closed_on for task in given)
    return Share(still, len(given))


@dataclass(frozen=True)
class Funnel:
    """Cross-sell of one quarter (catalogue 1.13)."""

    created: int
    won: int
    lost: int
    deal_size: Decimal | None
    days_to_close: Decimal | None
    best: str
    worst: str

    @property
    def win_rate(self) -> Decimal | None:
        """Won of all that closed."""
        return Share(self.won, self.won + self.lost).share


def funnel(accounts: Iterable[Summary], first: date, last: date) -> Funnel:
    """Return the cross-sell opportunities opened or closed on *first* .. *last*, with best and worst product."""
    deals = [deal for one in accounts for deal in one.deals]
    closed = [deal for deal in deals if deal.closed_on is not None and first <= deal.closed_on <= last]
    won = [deal for deal in closed if _won(deal)]
    sizes = [deal.amount for deal in won if deal.amount is not None]
    days = [(deal.closed_on - deal.opened_on).days for deal in closed if deal.closed_on is not None]
    rates = {
        product: Share(sum(_won(deal) for deal in closed if deal.product == product), count).share or Decimal(0)
        for product, count in sorted(Counter(deal.product for deal in closed if deal.product).items())
    }
    return Funnel(
        sum(first <= deal.opened_on <= last for deal in deals),
        len(won),
        len(closed) - len(won),
        sum(sizes, Decimal(0)) / len(sizes) if sizes else None,
        Decimal(sum(days)) / len(days) if days else None,
        max(rates, key=lambda product: rates[product]) if rates else "",
        min(rates, key=lambda product: rates[product]) if rates else "",
    )


def _won(deal: Deal) -> bool:
    return deal.stage in ("Closed Won", "Won")


def created_on(accounts: Iterable[Summary], day: date) -> int:
    """Return how many organizations were created on a day."""
    return sum(one.created_on == day for one in accounts)


def enriched_on(accounts: Iterable[Summary], day: date) -> int:
    """Return how many organizations had their company type last written on a day."""
    return sum(one.enriched_on == day for one in accounts)
