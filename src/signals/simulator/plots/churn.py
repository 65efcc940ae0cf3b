"""Plots of churn risk: less use, less talk, worse health, and the end."""

from typing import Literal

from signals.domain.events.billing import SubscriptionCancelled, SubscriptionChanged, TrialSet
from signals.domain.events.crm import ChampionChanged, ChampionNamed, PersonLeft
from signals.domain.events.feedback import FlagCleared
from signals.simulator.calendar import months_later
from signals.simulator.draft import Contract, Draft

UNUSED = ("replay_upsell_opp", "ff_opp_high_engineer_pct")
"""What thirty days without any use look like to rules about a product that is not used."""

UNUSED_CHURN = ("churn_usage_drop_30", "ew_usage_declining_4w", "ew_volume_downtrend", "ew_few_active_users")
"""The same to rules about how much it is used."""

MONTH = 30
"""Days within which a person counts as active (handbook HW: the past month)."""


def usage_drop(draft: Draft, day: int) -> None:
    """Usage falls to 55 % at once; 28 days against the 28 before cross 30 % on the 19th day. A person clears it."""
    draft.scale(day, day + 44, 0.55)
    draft.plant("churn_usage_drop_30", day + 17, "45 % less from one day to the next", within=9)
    cleared = day + 50
    draft.script(
        cleared,
        FlagCleared(
            org_id=draft.org_id, at=draft.at(cleared, 12), signal="churn_usage_drop_30", by=draft.owner or "nobody"
        ),
    )
    draft.allow(("ew_volume_downtrend",), day, "so much less than the weeks before")
    draft.allow(("mom_event_growth_20",), day + 45, "the way back up")


def usage_drop_seasonal(draft: Draft, day: int) -> None:
    """The same fall on an account tagged seasonal: explained, so no flag."""
    draft.tags = ["seasonal"]
    draft.scale(day, day + 44, 0.55)
    draft.plant("churn_usage_drop_30", day, "tagged seasonal", expect="quiet")
    draft.allow(("mom_event_growth_20",), day + 45, "the way back up")


def declining(draft: Draft, day: int) -> None:
    """Five weeks, each 5 % below the last; then up again for three."""
    monday = day - draft.calendar.date_of(day).weekday()
    draft.calm.append((monday, monday + 70))
    draft.slope(monday, monday + 34, 0.9925)
    draft.slope(monday + 35, monday + 62, 1.01)
    # The week before the slope may already be lower than the one before it, which had a release in it.
    draft.plant("ew_usage_declining_4w", monday + 20, "five weeks of 5 % less", within=17, until=monday + 59)
    draft.allow(("ew_volume_downtrend",), monday, "four weeks of 5 % less are 10 % and more")
    draft.allow(("churn_usage_drop_30",), monday + 20, "close to 30 % at the bottom")
    draft.allow(("mom_event_growth_20",), monday + 42, "the way back up")


def few_users(draft: Draft, day: int) -> None:
    """All but two people stop; a month later two are active. They come back three weeks after that."""
    for member in draft.people[2:]:
        member.absent.append((day, day + MONTH + 20))
    draft.plant("ew_few_active_users", day + MONTH - 6, "two people left at work", within=9, until=day + MONTH + 25)


def slack_silent(draft: Draft, day: int) -> None:
    """Nobody writes in the shared channel for 22 days."""
    draft.channel = draft.channel or f"posthog-{draft.org_id[4:]}"
    draft.silences.append((day, day + 22))
    draft.plant("ew_slack_silent_14d", day + 8, "no word for 14 days", within=8, until=day + 30)


def slack_unlinked(draft: Draft, day: int) -> None:
    """The same silence in a channel that is not synced live: nothing can be said."""
    draft.channel, draft.channel_live = f"posthog-{draft.org_id[4:]}", False
    draft.silences.append((day, day + 22))
    draft.plant("ew_slack_silent_14d", day, "the channel is not linked", expect="quiet")


def champion_left(draft: Draft, day: int) -> None:
    """The champion leaves; eighteen days later somebody else is named."""
    assert draft.champion is not None  # noqa: S101 - plots of this group start from a managed account
    leaving, following = draft.champion, draft.people[2]
    for member in draft.people:
        if member.person_id == leaving:
            member.absent.append((day, draft.calendar.days))
    draft.script(
        day,
        ChampionChanged(
            org_id=draft.org_id, at=draft.at(day, 11), id=draft.moment_id("champion"), person_id=leaving, how="left"
        ),
    )
    draft.script(day, PersonLeft(org_id=draft.org_id, at=draft.at(day, 11.1), person_id=leaving))
    draft.script(day + 18, ChampionNamed(org_id=draft.org_id, at=draft.at(day + 18, 15), person_id=following.person_id))
    draft.plant("ew_champion_changed", day, "the champion left", until=day + 20)


def champion_moved(draft: Draft, day: int) -> None:
    """The champion changes roles and stays; nobody is named."""
    assert draft.champion is not None  # noqa: S101 - as above
    draft.script(
        day,
        ChampionChanged(
            org_id=draft.org_id, at=draft.at(day, 11), person_id=draft.champion, how="changed_role"
        ),
    )  # fmt: skip
    draft.plant("ew_champion_changed", day, "the champion changed roles")


def poor_health(draft: Draft, day: int) -> None:
    """Five Mondays in a row score poor; the fourth is the flag."""
    monday = day + (-draft.calendar.date_of(day).weekday()) % 7
    draft.poor_weeks.update(range(monday, monday + 35, 7))
    draft.plant("churn_health_poor_4w", monday + 21, "four weeks of poor health")
    draft.script(
        monday + 40,
        FlagCleared(
            org_id=draft.org_id, at=draft.at(monday + 40, 12), signal="churn_health_poor_4w",
            by=draft.owner or "nobody",
        ),
    )  # fmt: skip


def poor_health_broken(draft: Draft, day: int) -> None:
    """Three poor weeks, a fair one, three poor ones: never four in a row."""
    monday = day + (-draft.calendar.date_of(day).weekday()) % 7
    draft.poor_weeks.update((monday, monday + 7, monday + 14, monday + 28, monday + 35, monday + 42))
    draft.plant("churn_health_poor_4w", monday, "three, one fair, three", expect="quiet")


def renewal(draft: Draft, day: int) -> None:
    """A contract without credit comes within 90 days of its renewal while the shared channel is silent.

    The days follow from the contract (seven months old at the start); *day* is not used.
    """
    del day
    draft.monthly = False
    contract = Contract(f"of_{draft.org_id[4:]}", 7, 12, None)
    draft.contract = contract
    draft.segments = [*draft.segments, "Annual Plan"]
    begun = months_later(draft.calendar.start, -contract.months_ago)
    near = draft.calendar.number(months_later(begun, contract.term_months)) - 1 - 89
    slack_silent(draft, near - 18)
    draft.plant("churn_renewal_lt90_negative", near - 2, "89 days to the renewal and an early warning open", within=5)


def cancelled(draft: Draft, day: int) -> None:
    """The customer cancels; usage ends."""
    draft.ended = day + 1
    _cancel(draft, day, "customer")
    draft.plant("subscription_cancelled", day, "the customer cancelled")
    draft.allow(
        (*UNUSED_CHURN, "ew_slack_silent_14d", "multithreading_missing", *UNUSED), day, "nobody uses it any more"
    )


def _cancel(draft: Draft, day: int, by: Literal["customer", "us_for_trial"]) -> None:
    at = draft.at(day, 13)
    draft.script(day, SubscriptionCancelled(org_id=draft.org_id, at=at, id=draft.moment_id("cancelled"), by=by))
    draft.script(day, SubscriptionChanged(org_id=draft.org_id, at=draft.at(day, 13.05), status="cancelled", items={}))


def cancelled_in_trial(draft: Draft, day: int) -> None:
    """We cancel a subscription to run a free trial; before it is over a new one exists: never a loss."""
    draft.script(
        day - 1,
        TrialSet(org_id=draft.org_id, at=draft.at(day - 1, 12), until=draft.calendar.date_of(day + 20)),
    )
    _cancel(draft, day, "us_for_trial")
    draft.script(
        day + 15,
        SubscriptionChanged(
            org_id=draft.org_id, at=draft.at(day + 15, 10), status="active", interval="month",
            items=dict(draft.subscription),
        ),
    )  # fmt: skip
    draft.plant("subscription_cancelled", day, "a trial runs, and a new subscription follows", expect="quiet")
