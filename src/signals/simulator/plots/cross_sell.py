"""Plots of the cross-sell family: a product is missing where the handbook says it would help."""

from signals.domain.events.base import Event
from signals.domain.events.billing import ProductActivated
from signals.domain.events.crm import AccountDescribed, CustomerAsked, PersonDescribed
from signals.domain.events.usage import UserActed
from signals.simulator.draft import Draft, Member

CLEARS_AFTER = 20
"""Days from a cross-sell finding to the day the customer does it after all."""


def act(draft: Draft, person_id: str, action: str, day: int, hour: float = 14.0) -> Event:
    """Return one action of one person."""
    return UserActed(org_id=draft.org_id, at=draft.at(day, hour), person_id=person_id, action=action)


def keep_doing(draft: Draft, person_id: str, action: str, first: int) -> None:
    """Let one person do something on *first* and every second week after it, so that a window of 30 days stays full."""
    for day in range(first, draft.calendar.days, 14):
        draft.script(day, act(draft, person_id, action, day))


def web_analytics(draft: Draft, day: int) -> None:
    """A marketer becomes known at a company of 160 that never opened web analytics; twenty days later she does."""
    draft.employees = 160
    draft.avoided.add("web analytics viewed")
    marketer = Member(draft.person(len(draft.people)), "marketing", described=day)
    draft.people.append(marketer)
    keep_doing(draft, marketer.person_id, "web analytics viewed", day + CLEARS_AFTER)
    draft.plant("web_analytics_opp_marketing", day, "a marketer, 160 employees, no visit", until=day + CLEARS_AFTER + 2)


def group_analytics(draft: Draft, day: int) -> None:
    """The CRM learns that the account sells to companies; it has no group types and no group plan, until it has."""
    draft.describes_company_type = False
    draft.group_types = [(0, 0), (day + CLEARS_AFTER, 2)]
    draft.script(day, AccountDescribed(org_id=draft.org_id, at=draft.at(day, 12), company_type="B2B"))
    draft.plant("b2b_group_analytics_opp", day, "B2B becomes known; no groups, no plan", until=day + CLEARS_AFTER + 2)


def replay(draft: Draft, day: int) -> None:
    """A customer-success person becomes known at an account without session replay; later they watch a recording."""
    draft.products.pop("session_replay")
    draft.subscription.pop("session_replay", None)
    draft.avoided.add("recording analyzed")
    # Nobody of these counts as customer-facing; product people would.
    draft.people_of(("engineering", "data", "engineering", "design", "leadership", "engineering"))
    person = Member(draft.person(len(draft.people)), "customer_success", described=day)
    draft.people.append(person)
    keep_doing(draft, person.person_id, "recording analyzed", day + CLEARS_AFTER)
    draft.plant("replay_upsell_opp", day, "a customer-facing person and no replay at all", until=day + CLEARS_AFTER + 2)


def flags_engineers(draft: Draft, day: int) -> None:
    """Five of ten people turn out to be engineers, without a flag in sight; they ask, and later create one.

    They ask because their first use case is not solid yet, and what is another's would wait (G18).
    """
    draft.products.pop("feature_flags")
    draft.subscription.pop("feature_flags", None)
    draft.avoided.add("feature flag created")
    # In an order in which no first few of them are half engineers: the CRM tells of one after the other.
    draft.people_of(
        ("data", "product", "finance", "leadership", "product", "engineering", "engineering", "engineering",
         "engineering", "data")
    )  # fmt: skip
    last = draft.people[-1]
    draft.script(day, CustomerAsked(org_id=draft.org_id, at=draft.at(day, 11), about="feature_flags"))
    draft.script(
        day,
        PersonDescribed(org_id=draft.org_id, at=draft.at(day, 12), person_id=last.person_id, family="engineering"),
    )
    keep_doing(draft, last.person_id, "feature flag created", day + CLEARS_AFTER)
    draft.plant(
        "ff_opp_high_engineer_pct", day, "5 of 10 known roles are engineers, no flags", until=day + CLEARS_AFTER + 2
    )


def flags_experiments(draft: Draft, day: int) -> None:
    """The first product person becomes known; nobody who could has ever viewed an experiment, until they do."""
    draft.avoided.add("experiment viewed")
    draft.people_of(("data", "finance", "design", "data", "finance", "procurement"))
    draft.champion = draft.person(0)
    person = Member(draft.person(6), "product", described=day)
    draft.people.append(person)
    keep_doing(draft, person.person_id, "experiment viewed", day + CLEARS_AFTER)
    draft.plant("ff_opp_no_experiments", day, "a product person, no experiment viewed", until=day + CLEARS_AFTER + 2)


def first_use(draft: Draft, day: int) -> None:
    """Surveys are used for the first time, after weeks of reports without them."""
    draft.products["surveys"] = 40
    draft.activated["surveys"] = day
    draft.plant("product_first_use", day, "first day with surveys", key="surveys")


def first_use_activated(draft: Draft, day: int) -> None:
    """Workflows are switched on in billing and used two days later: one finding, on the first of the two days."""
    draft.products["workflows"] = 60
    draft.activated["workflows"] = day + 2
    draft.script(
        day,
        ProductActivated(
            org_id=draft.org_id, at=draft.at(day, 13), id=draft.moment_id("activated"), product="workflows"
        ),
    )
    draft.plant("product_first_use", day, "switched on in billing, used two days later", key="workflows")


def asked(draft: Draft, day: int) -> None:
    """A customer asks for experiments on its own; that alone is no finding, and the door it opens lapses."""
    draft.script(day, CustomerAsked(org_id=draft.org_id, at=draft.at(day, 15), about="experiments"))
    draft.plant("ff_opp_no_experiments", day, "they asked, but have viewed experiments", expect="quiet")
