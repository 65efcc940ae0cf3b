"""What a purchase of credit costs (handbook CT-CR, catalogue 3.2, 3.6 to 3.8): tiers, levers, and the special cases.

All shares are ``Decimal`` fractions (0.255 is 25.5 %). None means "custom": a person decides, no table does.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Lever:
    """One part of a discount, and why it is given; the parts add up."""

    share: Decimal
    because: str


def percent(share: Decimal) -> str:
    """Return a share in percent with every digit it has.

    >>> percent(Decimal("0.355")), percent(Decimal("0.20"))
    ('35.5 %', '20 %')
    """
    return f"{(share * 100).normalize():f} %"


def points(share: Decimal) -> str:
    """Return a share as points to add or take away.

    >>> points(Decimal("0.05")), points(Decimal("-0.025"))
    ('5 points more', '2.5 points less')
    """
    return f"{(abs(share) * 100).normalize():f} points {'less' if share < 0 else 'more'}"


def _base(credit: Decimal, *, self_serve: bool, nonprofit: bool) -> Lever | None:
    """Return the tier of a purchase; None where the table says custom."""
    share = volume_discount(credit, self_serve=self_serve)
    if share is None:
        return None
    least = next((one for one, _ in TIERS if credit >= one), None)
    if least is None:
        said = f"{percent(share)} below ${TIERS[-1][0]:,}" + (", in the product" if self_serve else "")
    else:
        said = f"{percent(share)} from ${least:,} of credit on"
    special = nonprofit_discount(credit) if nonprofit else share
    if special is None or special == share:
        return Lever(share, said)
    return Lever(special, f"{said}, {points(special - share)} for a non-profit")


def levers(
    credit: Decimal,
    *,
    years: int = 1,
    years_upfront: int = 1,
    net_days: int = NET_DAYS,
    date_agreed: bool = False,
    self_serve: bool = False,
    nonprofit: bool = False,
) -> tuple[Lever, ...] | None:
    """Return the parts of an initial purchase's discount; None where a person decides (custom).

    Beside a volume tier only, length, cash timing and an agreed date count. *date_agreed*: the signatory's written
    commitment to a date, once; for a renewal, that it is signed early.

    >>> [one.because for one in levers(Decimal(60_000), years=2, net_days=45)]
    ['25 % from $60,000 of credit on', '3 points more for 2 years', '2.5 points less for net 45']
    """
    base = _base(credit, self_serve=self_serve, nonprofit=nonprofit)
    timing = cash_timing(years_upfront=years_upfront, net_days=net_days)
    if base is None or timing is None or years not in LENGTH:
        return None
    if credit < TIERS[-1][0]:
        return (base,)
    when = [f"{years_upfront} years paid upfront"] if years_upfront > 1 else []
    when += [f"net {net_days}"] if net_days > NET_DAYS else []
    more = (
        Lever(LENGTH[years], f"{points(LENGTH[years])} for {years} years"),
        Lever(timing, f"{points(timing)} for {' and '.join(when)}"),
        Lever(MUTUAL_DATE if date_agreed else Decimal(0), f"{points(MUTUAL_DATE)} for the date agreed"),
    )
    return (base, *(one for one in more if one.share))


def total(parts: tuple[Lever, ...] | None) -> Decimal | None:
    """Return the discount the parts come to; None for custom."""
    return None if parts is None else sum((one.share for one in parts), Decimal(0))


def expansion_discount(original: Decimal, expansion: Decimal, *, net_days: int = NET_DAYS) -> Decimal | None:
    """Return the discount of credit bought in the first half of the term (catalogue 3.2, picks).

    The tier of the original purchase or of the expansion alone, whichever is better, and beside a tier the terms of
    payment of the new form. No lever for length or for a date agreed: those were of the first order form.

    >>> expansion_discount(Decimal(24_999), Decimal(24_999), net_days=60)
    Decimal('0')
    """
    tiers = [volume_discount(original), volume_discount(expansion)]
    timing = cash_timing(net_days=net_days)
    if timing is None or tiers[1] is None or tiers[0] is None:
        return None
    better = max(tiers[0], tiers[1])
    return better + timing if better and timing else better  # the levers need a tier (catalogue 3.6)


def better_from(original: Decimal) -> tuple[Decimal, Decimal] | None:
    """Return the expansion that gets a better tier than the original purchase had, and that tier; None at the top.

    >>> better_from(Decimal(60_000)), better_from(Decimal(500_000))
    ((Decimal('100000'), Decimal('0.30')), None)
    """
    had = volume_discount(original)
    better = [(least, share) for least, share in TIERS if had is not None and share > had]
    return min(better, default=None)


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
