"""Facts about launches, prices, tools and the customer's own news."""

from datetime import date
from decimal import Decimal

from signals.detectors.language.names import UNKNOWN
from signals.domain.events import crm, described, market, usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def report(days_ago: int, **volumes: int) -> Event:
    """Return the report of one day."""
    return usage.UsageReported(org_id=ORG, at=at(ago(days_ago - 1), 2), day=ago(days_ago), volumes=volumes)


def launched(days_ago: int, **more: object) -> Event:
    """Return a launch some days ago, told the day before."""
    return market.LaunchAnnounced(
        org_id=ORG, at=at(ago(days_ago + 1)), product="surveys", launched_on=ago(days_ago),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def tools(*names: str) -> Event:
    """Return a scan of tools."""
    return described.TraitsReported(org_id=ORG, at=at(), traits={"tools": list(names)})


def first(fact: str, *events: Event) -> object:
    """Return the first element of a list fact."""
    found = look_at(account_after(*events)).fact(fact)
    assert isinstance(found, tuple)
    return found[0]


def test_use_counts_from_the_launch_on() -> None:
    """Usage before the launch day is none of it; the first day with usage is kept."""
    days = [report(number, surveys=1 if number in (20, 5) else 0) for number in range(40, 0, -1)]
    one = first("launches", *days, launched(10))
    assert (one.used, one.first_used_on) == (True, ago(5))  # type: ignore[attr-defined]
    before = first("launches", *days, launched(4))
    assert (before.used, before.first_used_on) == (False, None)  # type: ignore[attr-defined]


def test_no_use_needs_a_witness() -> None:
    """Without reports nobody knows that it was not used."""
    assert first("launches", launched(10)).used is UNKNOWN  # type: ignore[attr-defined]


def test_a_launch_that_is_ahead_was_not_used() -> None:
    """Before its day there is nothing to use."""
    assert first("launches", launched(-5)).used is False  # type: ignore[attr-defined]


def test_a_launch_seen_by_an_action() -> None:
    """The action named shows its use, usage of the product does not."""
    days = [report(number, surveys=3) for number in range(40, 0, -1)]
    acted = usage.UserActed(org_id=ORG, at=at(ago(3)), person_id="p", action="exit survey made")
    one = first("launches", *days, acted, launched(10, launch="Exit surveys", shown_by="exit survey made"))
    assert (one.label, one.first_used_on) == ("Exit surveys", ago(3))  # type: ignore[attr-defined]


def test_a_launch_fits_by_list_by_tool_or_by_product() -> None:
    """On the list, a tool found under any of its names, a product in use; else not, or not known."""
    days = [report(number, batch_exports=3) for number in range(40, 0, -1)]
    fits = {"fits": ["Split.io", "batch_exports"]}
    assert first("launches", launched(3, targeted=True)).fits is True  # type: ignore[attr-defined]
    assert first("launches", launched(3, **fits), tools("split")).fits is True  # type: ignore[attr-defined]
    assert first("launches", *days, launched(3, **fits)).fits is True  # type: ignore[attr-defined]
    assert first("launches", *days, launched(3, fits=["Heap"])).fits is False  # type: ignore[attr-defined]
    assert first("launches", launched(3, **fits)).fits is UNKNOWN  # type: ignore[attr-defined]


def priced(typical: int = 0) -> Event:
    """Return a price of a dollar that becomes half a dollar."""
    return market.PriceChanged(
        org_id=ORG, at=at(), product="surveys", effective_on=ago(0), typical_units=typical,
        old_prices={"0": Decimal(1)}, new_prices={"0": Decimal("0.5")},
    )  # fmt: skip


def test_a_price_is_reckoned_with_thirty_days() -> None:
    """10 a day are 300; without usage the typical volume, without reports nothing."""
    days = [report(number, surveys=10) for number in range(40, 0, -1)]
    one = first("price_changes", *days, priced())
    assert (one.used, one.volume, one.before, one.saving) == (True, 300, 300, 150)  # type: ignore[attr-defined]
    none = [report(number, product_analytics=1) for number in range(40, 0, -1)]
    other = first("price_changes", *none, priced(typical=1000))
    assert (other.used, other.after) == (False, 500)  # type: ignore[attr-defined]
    assert first("price_changes", priced()).saving is UNKNOWN  # type: ignore[attr-defined]


def test_the_newest_announcement_counts() -> None:
    """A round that enrichment saw, or an acquisition somebody noted."""
    funded = described.TraitsReported(org_id=ORG, at=at(ago(2)), traits={"last_funding_on": ago(4).isoformat()})
    noted = crm.NoteAdded(org_id=ORG, at=at(ago(1)), category="acquisition", from_on=ago(3))
    look = look_at(account_after(funded))
    assert (look.fact("fundraise.day0"), look.fact("fundraise.known_on")) == (ago(4), ago(2))
    look = look_at(account_after(funded, noted))
    assert (look.fact("fundraise.day0"), look.fact("fundraise.known_on")) == (ago(3), ago(1))
    assert look_at(account_after(report(1))).fact("fundraise.day0") is None
    assert isinstance(ago(1), date)


def test_tools_have_one_name() -> None:
    """Scanned or spoken of, whatever the spelling."""
    said = crm.NoteAdded(org_id=ORG, at=at(), category="call", topics=["tool:Segment"])
    look = look_at(account_after(tools("Google Analytics", "amplitude", "Looker"), said))
    assert look.fact("tools.found") == {"GA4", "Amplitude", "Segment", "Looker"}
    assert look.fact("tools.growth") == {"GA4", "Amplitude", "Segment"}


def stances(*events: Event) -> dict[str, str]:
    """Return how we stand to each tool found."""
    found = look_at(account_after(*events)).fact("tools.each")
    assert isinstance(found, tuple)
    return {one.tool: one.stance for one in found}


def heard(text: str) -> Event:
    """Return a note with a text."""
    return crm.NoteAdded(org_id=ORG, at=at(), category="call", topics=[text])


def test_how_we_stand_to_a_tool() -> None:
    """Warehouses beside; the fit limits of each tool only where the need was heard or the stack is there."""
    assert stances(tools("Snowflake", "Segment")) == {"Snowflake": "beside", "Segment": "replace"}
    assert stances(tools("Fivetran", "dbt", "Looker"))["Fivetran"] == "replace"
    assert stances(tools("Fivetran", "dbt", "Looker", "Snowflake"))["Fivetran"] == "beside"
    assert stances(tools("GA4", "Looker"))["GA4"] == "replace"
    assert stances(tools("GA4", "Looker", "Google Ads"))["GA4"] == "beside"
    assert stances(tools("Hotjar", "PagerDuty"))["Hotjar"] == "beside"
    assert stances(tools("New Relic"))["New Relic"] == "replace"
    assert stances(tools("New Relic", "Sentry"), heard("apm_wanted")) == {"New Relic": "beside", "Sentry": "replace"}
    assert stances(tools("Statsig"), heard("warehouse_experiments"))["Statsig"] == "limited"
