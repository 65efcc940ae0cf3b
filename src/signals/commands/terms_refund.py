"""``signals terms refund``: what a refund would be, who decides, and which way the money goes (catalogue 4.3, 4.4)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import click

from signals.commands.frame import Frame, pass_frame
from signals.commands.told import Day, Money, Named, Told, dollars, each_once, telling, units
from signals.detectors.discounts import cents
from signals.detectors.facts.products import product_name
from signals.detectors.refunds import (
    REVOPS_FROM,
    Claim,
    baseline,
    decided_by,
    refund_lines,
    refusals,
    repeat,
    scenario,
    steepest,
    to_check,
    way_back,
)
from signals.domain.prices import cost, require_tiers

SEVERAL = 2
"""Earlier refunds that are several (ours, as in the rule ``refund_repeat_requester``)."""

Prices = Mapping[str, Mapping[str, Decimal]]


MONTHS = 3
"""Months before the spike that make a usual one (catalogue 4.4)."""


def _tiers(text: str) -> dict[str, Decimal]:
    """Return ``0:0,1000000:0.00005`` as tiers.

    >>> _tiers("0:0,1000000:0.00005")
    {'0': Decimal('0'), '1000000': Decimal('0.00005')}
    """
    pairs = [part.split(":") for part in text.split(",")]
    found = {start.strip(): Decimal(price) for start, price in pairs}
    if len(found) < len(pairs):
        raise ValueError("a tier twice")
    require_tiers("price", found)
    return found


def _either(yes: str, no: str, words: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Return an option that is yes, no, or not told."""
    return click.option(f"--{yes}/--{no}", default=None, help=f"{words}, or not; neither: nobody told.")


@click.command()
@click.option("--spike", "spikes", multiple=True, required=True, help="Units of the month with the spike.",
              type=Named(units, "PRODUCT=UNITS, such as product_analytics=3,000,000"))  # fmt: skip
@click.option("--usual", "months", multiple=True,
              help="Units of a month before; of each product once, the mean, or three times, a month each.",
              type=Named(units, "PRODUCT=UNITS, such as surveys=1,000; for three months three of them"))  # fmt: skip
@click.option("--price", "given", multiple=True, help="Price list; without it that of the settings.",
              type=Named(_tiers, "PRODUCT=0:0,1000000:0.00005: units a month and dollars for each above"))  # fmt: skip
@click.option("--spend", type=Money(), help="What they spend a month; it says who decides.")
@click.option("--billed-on", type=Day(), help="Date of the bill.")
@click.option("--asked-on", type=Day(), help="Day they asked for it.")
@click.option("--first-bill", type=Money(), help="Amount, when it is their first bill.")
@click.option("--new", is_flag=True, help="A new client, or one off the startup plan.")
@_either("revenue", "no-revenue", "They have revenue")
@_either("hobby", "no-hobby", "It is a hobby project")
@_either("attack", "no-attack", "Bots or abuse")
@_either("wrong-setup", "no-wrong-setup", "Charged for features they did not mean to use, the first time")
@_either("fraud", "no-fraud", "Signs of fraud")
@_either("stopped", "not-stopped", "Usage has stopped")
@_either("limited", "not-limited", "A billing limit is set, or the cause removed")
@click.option("--earlier", default=0, show_default=True, type=click.IntRange(0, 100), help="Refunds they had before.")
@click.option("--fixed/--not-fixed", default=True, help="They did as advised the last time (default).")
@click.option("--our-fault", is_flag=True, help="A fault of ours caused it.")
@click.option("--odd", is_flag=True, help="Something is off, or the case is an odd one.")
@click.option("--change-invoice", is_flag=True, help="The invoice itself must change.")
@click.option("--period-open", is_flag=True, help="The billing period runs, and its invoice is not final.")
@click.option("--overdue", is_flag=True, help="The invoice is overdue.")
@pass_frame
@telling
def refund(
    frame: Frame,
    spikes: tuple[tuple[str, int], ...],
    months: tuple[tuple[str, int], ...],
    given: tuple[tuple[str, dict[str, Decimal]], ...],
    spend: Decimal | None,
    billed_on: date | None,
    asked_on: date | None,
    first_bill: Decimal | None,
    new: bool,
    revenue: bool | None,
    hobby: bool | None,
    attack: bool | None,
    wrong_setup: bool | None,
    fraud: bool | None,
    stopped: bool | None,
    limited: bool | None,
    earlier: int,
    fixed: bool,
    our_fault: bool,
    odd: bool,
    change_invoice: bool,
    period_open: bool,
    overdue: bool,
) -> Told:
    """Refund for a spike: money, objections, who decides.

    The money of each product is the price of the spike minus the price of a usual month, never the price of the
    difference: prices come in tiers.
    """
    spiked = each_once("--spike", spikes)
    before = _months(spiked, months)
    if billed_on is not None and asked_on is not None and asked_on < billed_on:
        raise click.BadParameter(f"{asked_on} is before the bill (valid: from {billed_on} on)", param_hint="--asked-on")
    usual = {product: baseline(found) for product, found in before.items()}
    prices = _prices(frame, spiked, each_once("--price", given))
    lines = refund_lines(spiked, usual, prices)
    most = steepest(spiked, before)
    bill = billed_on or asked_on or date.min  # without both days the 30 days are not asked about
    claim = Claim(
        billed_on=bill,
        asked_on=asked_on if billed_on is not None else None,
        first_bill=first_bill,
        new_or_off_startup=new,
        usage=spiked[most],
        months_before=before.get(most, ()),
        no_revenue=None if revenue is None else not revenue,
        hobby_project=hobby,
        attacked=attack,
        unintended_features=wrong_setup,
        fraud=fraud,
        stopped=stopped,
        measure_taken=limited,
    )
    against, missing = refusals(claim), list(to_check(claim))
    if billed_on is None or asked_on is None:
        missing.append("asked within 30 days of the billing date")
    found = scenario(claim)
    again = repeat(earlier + 1, fixed=fixed, our_fault=our_fault)
    way = way_back(period_open=period_open, invoice_final=not period_open, first_time=earlier == 0, overdue=overdue)
    decides = decided_by(
        Decimal(0) if spend is None else spend,
        refused=against,
        something_off=odd,
        several_lately=earlier >= SEVERAL,
        invoice_must_change=change_invoice,
        way=way,
    )
    amount = cents(sum(lines.values(), Decimal(0)))
    answer: dict[str, Decimal | str | None] = {"refund": amount}
    if again.most < 1:
        answer["at most, as a repeat"] = cents(amount * again.most)
    answer |= {
        "scenario": None if found is None else str(found),
        "stands against it": "; ".join(against) or None,
        "to be checked": "; ".join(missing) or None,
        "decides": decides if spend is not None or decides == "revops" else "not known: --spend",
        "way back": str(way),
    }
    because = [
        (_line(product, spiked[product], usual.get(product, Decimal(0)), prices[product]), "4.4") for product in spiked
    ]
    because.append(
        (
            f"revenue operations from {dollars(REVOPS_FROM)} a month on, for what is refused, odd, overdue or repeated",
            "4.3",
        )
    )
    because.append((f"incident {earlier + 1}: {again.advice}", "4.3"))
    return Told(answer, tuple(because))


def _months(spiked: Mapping[str, int], given: Sequence[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Return the months of each product: one, the mean, or three; fail naming what has others, or no spike."""
    found: dict[str, tuple[int, ...]] = {}
    for product, number in given:
        found[product] = (*found.get(product, ()), number)
    unknown = sorted(found.keys() - spiked.keys())
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]} has no --spike (valid: {', '.join(sorted(spiked))})", param_hint="--usual"
        )
    for product, months in found.items():
        if len(months) not in (1, MONTHS):
            raise click.BadParameter(
                f"{product} has {len(months)} months (valid: 1, the mean, or {MONTHS})", param_hint="--usual"
            )
    return found


def _prices(frame: Frame, spiked: Mapping[str, int], given: Prices) -> Prices:
    """Return the tiers of each product; fail naming what has none."""
    listed: Prices = {} if spiked.keys() <= given.keys() else frame.configuration().settings.prices.products
    found = {product: given.get(product) or listed.get(product) for product in spiked}
    for product, tiers in found.items():
        if tiers is None:
            known = ", ".join(sorted(listed)) or "none is set"
            raise click.BadParameter(
                f"{product} has no price (valid: --price {product}=0:0,1000000:0.00005, or prices.products.{product} in"
                f" the settings; there: {known})",
                param_hint="--spike",
            )
    return {product: tiers for product, tiers in found.items() if tiers is not None}


def _line(product: str, spike: int, usual: Decimal, tiers: Mapping[str, Decimal]) -> str:
    """Return the calculation of one product, as it goes into the ticket."""
    dear, cheap = cost(tiers, spike), cost(tiers, usual)
    money = dollars(cents(max(dear - cheap, Decimal(0))))
    return (
        f"{product_name(product)} {money}: {spike:,} units cost {dollars(cents(dear))},"
        f" the usual {usual:,.0f} cost {dollars(cents(cheap))}"
    )
