"""What a purchase of credit costs (handbook CT-CR, catalogue 3.2, 3.6 to 3.8): tiers, levers, and the special cases.

All shares are ``Decimal`` fractions (0.255 is 25.5 %). None means "custom": a person decides, no table does.
"""

from decimal import ROUND_HALF_UP, Decimal

TIERS: tuple[tuple[Decimal, Decimal], ...] = (
    (Decimal(500_000), Decimal("0.40")),
    (Decimal(250_000), Decimal("0.35")),
    (Decimal(100_000), Decimal("0.30")),
    (Decimal(60_000), Decimal("0.25")),
    (Decimal(25_000), Decimal("0.20")),
)
"""Credit from which a tier holds, before discount -> base discount. 59,500 is in the 20 % tier (pick: a gap)."""

CUSTOM_FROM = Decimal(1_000_000)
SELF_SERVE = Decimal("0.10")
"""Below the first tier, for self-serve only."""

LENGTH = {1: Decimal(0), 2: Decimal("0.03"), 3: Decimal("0.05")}
"""Years -> extra; not stacking, four years and more are custom."""

UPFRONT_PER_EXTRA_YEAR = Decimal("0.025")
NET_DAYS, NET_STEP, PER_NET_STEP = 30, 15, Decimal("0.025")
"""Each 15 days beyond net 30 cost 2.5 points."""

MUTUAL_DATE = Decimal("0.05")
EARLY_RENEWAL = Decimal("0.05")

NONPROFIT_SMALL = Decimal("0.15")
NONPROFIT_EXTRA = Decimal("0.05")
NONPROFIT_EXTRA_UP_TO = Decimal(100_000)

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to the cent, halves up.

    >>> cents(Decimal(25_000) / 6)
    Decimal('4166.67')
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def volume_discount(credit: Decimal, *, self_serve: bool = False) -> Decimal | None:
    """Return the base discount of a purchase; None from $1M on.

    >>> [volume_discount(Decimal(n)) for n in (24_999, 25_000, 59_999, 60_000, 999_999, 1_000_000)]
    [Decimal('0'), Decimal('0.20'), Decimal('0.20'), Decimal('0.25'), Decimal('0.40'), None]
    """
    if credit >= CUSTOM_FROM:
        return None
    for least, share in TIERS:
        if credit >= least:
            return share
    return SELF_SERVE if self_serve else Decimal(0)


def cash_timing(*, years_upfront: int = 1, net_days: int = NET_DAYS) -> Decimal | None:
    """Return the lever for when the money comes: all years upfront is better, beyond net 30 is worse.

    >>> cash_timing(years_upfront=3), cash_timing(net_days=45), cash_timing(net_days=60)
    (Decimal('0.050'), Decimal('-0.025'), Decimal('-0.050'))
    """
    if years_upfront not in LENGTH:
        return None
    steps = -(-max(net_days - NET_DAYS, 0) // NET_STEP)
    return UPFRONT_PER_EXTRA_YEAR * (years_upfront - 1) - PER_NET_STEP * steps


def standard_discount(
    credit: Decimal,
    *,
    years: int = 1,
    years_upfront: int = 1,
    net_days: int = NET_DAYS,
    date_agreed: bool = False,
    self_serve: bool = False,
) -> Decimal | None:
    """Return the discount of an initial purchase with all levers; the others count only beside a volume tier.

    *date_agreed*: the signatory's written commitment to a date, once; for a renewal, that it is signed early.
    """
    base = volume_discount(credit, self_serve=self_serve)
    timing = cash_timing(years_upfront=years_upfront, net_days=net_days)
    if base is None or timing is None or years not in LENGTH:
        return None
    if credit < TIERS[-1][0]:
        return base
    return base + LENGTH[years] + timing + (MUTUAL_DATE if date_agreed else Decimal(0))


def expansion_discount(original: Decimal, expansion: Decimal, *, net_days: int = NET_DAYS) -> Decimal | None:
    """Return the discount of credit bought in the first half of the term (catalogue 3.2, picks).

    The tier of the original purchase or of the expansion alone, whichever is better, and the terms of payment of the
    new form. No lever for length or for a date agreed: those were of the first order form.
    """
    tiers = [volume_discount(original), volume_discount(expansion)]
    timing = cash_timing(net_days=net_days)
    if timing is None or tiers[1] is None or tiers[0] is None:
        return None
    return max(tiers[0], tiers[1]) + timing


def nonprofit_discount(credit: Decimal) -> Decimal | None:
    """Return the base discount of a non-profit: 15 % below the first tier, five points more up to $100k.

    >>> [nonprofit_discount(Decimal(n)) for n in (24_999, 25_000, 100_000, 100_001)]
    [Decimal('0.15'), Decimal('0.25'), Decimal('0.35'), Decimal('0.30')]
    """
    base = volume_discount(credit)
    if credit < TIERS[-1][0]:
        return NONPROFIT_SMALL
    if base is None or credit > NONPROFIT_EXTRA_UP_TO:
        return base
    return base + NONPROFIT_EXTRA


def price_of(credit: Decimal, discount: Decimal) -> Decimal:
    """Return what is paid for an amount of credit, in cents.

    >>> price_of(Decimal(24_000), SELF_SERVE)
    Decimal('21600.00')
    """
    return cents(credit * (1 - discount))
