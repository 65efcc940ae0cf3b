"""``signals terms``: how much to buy, what an MRR is worth, a quarter's quota, who works a contact nobody owns."""

from decimal import Decimal, InvalidOperation

import click

from signals.commands.told import LARGEST, LARGEST_UNITS, Money, Share, Told, dollars, telling
from signals.detectors.discounts import cents, percent
from signals.detectors.lead_routing import outbound_team
from signals.detectors.quota import INVOICES_A_QUARTER, multiplier, quarter_arr
from signals.detectors.sizing import (
    GROWTH_FROM,
    PAST_MONTHS,
    amortised_mrr,
    annual_mrr_value,
    growth_of,
    product_mrr,
)
from signals.detectors.sizing import size as reckon_size

GROUPS = {
    1: "uses us, spends much", 2: "uses us, spends little", 3: "good engagement or high ICP, spends nothing",
    4: "signed up, hardly uses us", 5: "heard of us, not signed up", 6: "never heard of us",
}  # fmt: skip


class Billed(click.ParamType):
    """``AMOUNT:PRODUCTS``: a month's invoice and how many products count on it."""

    name = "amount:products"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Decimal, int]:
        """Return both, or fail with an example."""
        amount, _, products = str(value).partition(":")
        try:
            found = Decimal(amount), int(products)
        except (InvalidOperation, ValueError):
            found = Decimal("NaN"), -1
        if not found[0].is_finite() or not 0 <= found[0] < LARGEST or not 0 <= found[1] <= 50:
            self.fail(f"{value!r} is no invoice (valid: amount and counted products, such as 2700:2)", param, ctx)
        return found


@click.command()
@click.option("--credits", "credit", required=True, type=Money(), help="What the credit subscription brings each time.")
@click.option("--every", default=1, show_default=True, type=click.IntRange(1, 60), help="Months from one to the next.")
@click.option("--usage", type=Money(), help="The products' usage a month, at list price.")
@click.option("--discount", default="0", show_default=True, type=Share(), help="The credit was bought at.")
@telling
def mrr(credit: Decimal, every: int, usage: Decimal | None, discount: Decimal) -> Told:
    """MRR of credit paid in instalments, and before its discount."""
    of_account = cents(amortised_mrr(credit, every))
    answer = {"MRR of the account": of_account, "before discount": cents(annual_mrr_value(of_account, discount))}
    because = [
        (f"{dollars(credit)} of credit every {every} months, a month of it" if every > 1
         else f"{dollars(credit)} of credit a month", "3.8"),
        ("the usage subscription is the same money again, and never added", "3.8"),
        (f"before its discount of {percent(discount)}: MRR / (1 - discount)", "3.8"),
    ]  # fmt: skip
    if usage is not None:
        answer["MRR of its products"] = cents(product_mrr(usage, discount))
        because.append((f"products: usage of {dollars(usage)} less the discount of the credit", "3.8"))
    return Told(answer, tuple(because))


@click.command()
@click.option("--month", "months", multiple=True, required=True, type=click.IntRange(0, LARGEST_UNITS),
              help="Units of a complete month, oldest first; six, for a quote.")  # fmt: skip
@click.option("--growth", type=Share(), help="A month; without it that of the months.")
@telling
def size(months: tuple[int, ...], growth: Decimal | None) -> Told:
    """A month's volume for a quote, from the past months."""
    found = reckon_size(months, growth)
    told = growth if growth is not None else growth_of(months)
    answer: dict[str, Decimal | str | None] = {
        "latest": _units(found.latest), "mean": _units(found.mean), "largest": _units(found.largest),
    }  # fmt: skip
    least = percent(GROWTH_FROM)
    if found.projected is None:
        because = [(f"no growth of more than {least} a month: latest, mean and largest are shown", "3.1")]
    else:
        answer["for the quote, a month"] = _units(found.projected)
        rate = percent(round(told, 4)) if told is not None else "none"
        because = [(f"grows by {rate} a month, more than {least}: the mean of the next twelve months", "3.1")]
    because.append((f"{len(months)} complete months; a quote is sized by {PAST_MONTHS}", "3.1"))
    return Told(answer, tuple(because))


def _units(volume: Decimal) -> str:
    return f"{volume:,.0f}"


@click.command()
@click.option("--invoice", "invoices", multiple=True, type=Billed(),
              help="A month's invoice of the quarter and its counted products; up to three, oldest first.")  # fmt: skip
@click.option("--before", multiple=True, type=Billed(), help="The same of the quarter before.")
@click.option("--new", is_flag=True, help="The customer was new in the quarter before.")
@click.option("--cancelled", is_flag=True, help="The subscription is cancelled.")
@telling
def quota(
    invoices: tuple[tuple[Decimal, int], ...], before: tuple[tuple[Decimal, int], ...], new: bool, cancelled: bool
) -> Told:
    """ARR of a quarter for the quota, and what is attained."""
    for option, given in (("--invoice", invoices), ("--before", before)):
        if len(given) > INVOICES_A_QUARTER:
            raise click.BadParameter(f"{len(given)} invoices (valid: {INVOICES_A_QUARTER} at most)", param_hint=option)
    now = quarter_arr(_quota_invoices(invoices), cancelled=cancelled)
    then = quarter_arr(_quota_invoices(before), new=new)
    because = [
        (
            f"{dollars(amount)} with {products} counted product{'s' if products != 1 else ''} x {multiplier(products)}",
            "8.3",
        )
        for amount, products in (*before, *invoices)
    ]
    because.append(("a quarter's ARR is four times its invoices", "8.3"))
    if now == 0 or (before and then == 0):
        because.append(
            ("no revenue in the final month, or cancelled, is a churn: that quarter's ARR is nothing", "8.3")
        )
    if new and then and len(before) < INVOICES_A_QUARTER:
        because.append((f"new, so {len(before)} of three invoices before stand for the year", "8.3"))
    return Told({"ARR of the quarter": now, "of the quarter before": then, "attained": now - then}, tuple(because))


def _quota_invoices(given: tuple[tuple[Decimal, int], ...]) -> list[Decimal]:
    return [amount * multiplier(products) for amount, products in given]


@click.command()
@click.option(
    "--group", required=True, type=click.IntRange(1, 6), help="1 uses us and spends much .. 6 never heard of us."
)
@click.option("--listed", is_flag=True, help="On the top-10 list of a TAE.")
@telling
def outbound(group: int, listed: bool) -> Told:
    """Who works a contact nobody owns."""
    team = outbound_team(group, listed=listed)
    because = [(f"group {group}: {GROUPS[group]}", "7.1")]
    because.append(("1 and 2 are a TAM's, 3 to 5 a BDR's; 5 and 6 on a TAE's top-10 list are the TAE's", "7.1"))
    return Told({"works it": team or "nobody"}, tuple(because))
