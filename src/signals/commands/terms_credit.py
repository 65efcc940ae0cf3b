"""``signals terms``: what credit costs, and credit beside the price list (catalogue 3.2 to 3.8)."""

from datetime import date
from decimal import Decimal

import click

from signals.commands.told import Day, Money, Told, dollars, telling
from signals.detectors.discounts import (
    CUSTOM_FROM,
    LENGTH,
    TIERS,
    better_from,
    cash_timing,
    expansion_discount,
    levers,
    percent,
    points,
    price_of,
    total,
    volume_discount,
)
from signals.detectors.invoice_cover import start_for
from signals.detectors.offers import (
    BUYOUT_LEAST,
    BUYOUT_MONTHS,
    COMPETITOR_SHARE,
    SELF_SERVE_MONTHS,
    buyout_credit,
    renewal_credit,
    self_serve_offer,
)

CUSTOM = "custom: a person decides"
NET = click.option("--net", default=30, show_default=True, type=click.IntRange(0, 365), help="Days to pay.")


def _custom(why: str, section: str) -> Told:
    return Told({"discount": CUSTOM}, ((why, section),))


@click.command()
@click.option("--annual", required=True, type=Money(), help="Credit for a year, before discount.")
@click.option("--years", default=1, show_default=True, type=click.IntRange(1, 10), help="Term.")
@click.option("--upfront", default=1, show_default=True, type=click.IntRange(1, 10), help="Years paid upfront.")
@NET
@click.option("--agreed", is_flag=True, help="The signatory committed to a date in writing; a renewal is early.")
@click.option("--self-serve", is_flag=True, help="Bought in the product.")
@click.option("--nonprofit", is_flag=True, help="By a non-profit.")
@telling
def discount(
    annual: Decimal, years: int, upfront: int, net: int, agreed: bool, self_serve: bool, nonprofit: bool
) -> Told:
    """Discount and price of a purchase or a renewal of credit."""
    if upfront > years:
        raise click.BadParameter(
            f"{upfront} years upfront of a term of {years} (valid: 1 to {years})", param_hint="--upfront"
        )
    parts = levers(
        annual, years=years, years_upfront=upfront, net_days=net, date_agreed=agreed, self_serve=self_serve,
        nonprofit=nonprofit,
    )  # fmt: skip
    share = total(parts)
    if parts is None or share is None:
        longest = max(LENGTH)
        return _custom(f"from {dollars(CUSTOM_FROM)} a year, and beyond {longest} years, no table decides", "3.6")
    section = "3.6, 3.8" if nonprofit else "3.6, 3.7" if self_serve else "3.6"
    because = [(one.because, section) for one in parts]
    asked = years > 1 or upfront > 1 or net > 30 or agreed
    if asked and annual < TIERS[-1][0]:
        because.append((f"below {dollars(TIERS[-1][0])} length, cash timing and a date count for nothing", "3.6"))
    return Told({"discount": share, "costs a year": price_of(annual, share)}, tuple(because))


@click.command()
@click.option("--original", required=True, type=Money(), help="Credit of the original purchase, a year of it.")
@click.option("--credit", required=True, type=Money(), help="Credit to be bought now.")
@NET
@telling
def expansion(original: Decimal, credit: Decimal, net: int) -> Told:
    """Discount of more credit in the first half of the term."""
    share, had, own = (
        expansion_discount(original, credit, net_days=net),
        volume_discount(original),
        volume_discount(credit),
    )
    if share is None or had is None or own is None:
        return _custom(f"from {dollars(CUSTOM_FROM)} on no table decides", "3.6")
    because = [
        (f"the original {dollars(original)} had {percent(had)}, {dollars(credit)} alone has {percent(own)}", "3.6"),
        ("the better of the two counts; no lever for length or a date, those were of the first form", "3.2"),
    ]
    timing = cash_timing(net_days=net)
    if timing and max(had, own):
        because.append((f"{points(timing)} for net {net}", "3.6"))
    elif timing:
        because.append((f"below {dollars(TIERS[-1][0])} cash timing counts for nothing", "3.6"))
    better = better_from(max(original, credit))
    if better is not None:
        because.append((f"{dollars(better[0])} or more at once would have {percent(better[1])}", "3.2"))
    return Told({"discount": share, "costs": price_of(credit, share)}, tuple(because))


@click.command("self-serve")
@click.option("--credit", required=True, type=Money(), help="Credit to be bought in the product.")
@telling
def self_serve(credit: Decimal) -> Told:
    """Price of credit bought in the product, and what lands."""
    offer = self_serve_offer(credit)
    if offer is None:
        return _custom(f"from {dollars(CUSTOM_FROM)} on no table decides", "3.6")
    told = levers(credit, self_serve=True) or ()
    because = (
        *((one.because, "3.7") for one in told),
        (f"a twelfth lands each month for {SELF_SERVE_MONTHS} months; each expires a year after it landed", "3.7"),
    )
    return Told({"discount": offer.discount, "costs": offer.price, "lands each month": offer.monthly}, because)


@click.command()
@click.option("--annual", required=True, type=Money(), help="What the competitor's contract costs a year.")
@click.option("--overlap", required=True, type=click.IntRange(0, 120), help="Months of it that are left.")
@telling
def buyout(annual: Decimal, overlap: int) -> Told:
    """Credit for the rest of a contract elsewhere."""
    credit = buyout_credit(annual, overlap)
    if annual < BUYOUT_LEAST:
        because = [(f"{dollars(annual)} a year are below {dollars(BUYOUT_LEAST)}: no buyout", "3.8")]
    else:
        months = min(overlap, BUYOUT_MONTHS)
        because = [
            (f"{dollars(annual)} x {months}/12: {overlap} months are left, at most {BUYOUT_MONTHS} count", "3.8")
        ]
    because.append(("wants proof, a real competitor and the team lead; ours starts when the old one ends", "3.8"))
    return Told({"credit": credit}, tuple(because))


@click.command()
@click.option("--ours", required=True, type=Money(), help="Our price for the first year.")
@click.option("--quote", required=True, type=Money(), help="The competitor's renewal quote.")
@telling
def match(ours: Decimal, quote: Decimal) -> Told:
    """Credit that brings us 40 % below a renewal quote."""
    credit, goal = renewal_credit(ours, quote), COMPETITOR_SHARE * quote
    because = (
        (
            f"{percent(1 - COMPETITOR_SHARE)} below {dollars(quote)} are {dollars(goal)}; our price is {dollars(ours)}",
            "3.8",
        ),
        ("first year only; for who pays us nothing, is about to renew there and shows the full quote", "3.8"),
    )
    return Told({"credit": credit, "costs the first year": ours - credit}, because)


@click.command()
@click.option("--on", "today", required=True, type=Day(), help="Day on which the order form is signed.")
@click.option("--billing-day", required=True, type=click.IntRange(1, 31), help="Day of the month billing begins on.")
@telling
def start(today: date, billing_day: int) -> Told:
    """Contract start that covers the running period, or not."""
    now, following = (start_for(today, billing_day, immediate=immediate) for immediate in (True, False))
    because = (
        (f"the running period began on {now} and ends on {following}", "3.4"),
        (f"credit covers it when the contract starts with it and is signed before {following}", "3.4"),
        (f"a start in between, or a signature on {following} or later, wants an override by revenue operations", "3.4"),
    )
    return Told({"covers this period": now, "begins with the next": following}, because)
