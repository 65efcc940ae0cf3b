"""Facts about how much to buy: a month of each product for a quote, from six complete months (catalogue 3.1)."""

from signals.detectors.discounts import percent
from signals.detectors.facts.products import product_name
from signals.detectors.facts.windows import Series, month_total
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.language.words import number
from signals.detectors.moment import Look, fact
from signals.detectors.sizing import PAST_MONTHS, growth_of, size
from signals.domain.account.usage import TOTAL


def _by_product(look: Look) -> object:
    """Return the volumes in words; unknown unless each of the six months was reported in full.

    A product without use in the last complete month is not sized: nobody knows that it is still wanted.
    """
    said = []
    for product, daily in sorted(look.moment.state.usage.days.items()):
        if product == TOTAL:
            continue
        months = [month_total(look, Series(product, daily), ago) for ago in range(PAST_MONTHS, 0, -1)]
        volumes = [one for one in months if isinstance(one, int)]
        if len(volumes) < PAST_MONTHS:
            return UNKNOWN
        if volumes[-1]:
            said.append(f"{product_name(product)} {sized(volumes)}")
    return "; ".join(said) or UNKNOWN


def sized(volumes: list[int]) -> str:
    """Return what to put into a quote, in words.

    >>> sized([10_000_000, 10_000_000, 11_000_000, 10_000_000, 9_000_000, 10_000_000])
    '10 M a month (mean 10 M, largest 11 M)'
    >>> sized([100, 110, 121, 133, 146, 161])
    '315 a month (grows by 10 % a month, last 161)'
    """
    found, growth = size(volumes), growth_of(volumes)
    if found.projected is None or growth is None:
        return f"{number(found.latest)} a month (mean {number(found.mean)}, largest {number(found.largest)})"
    rate = percent(round(growth, 3))
    return f"{number(found.projected)} a month (grows by {rate} a month, last {number(found.latest)})"


FACTS: tuple[Fact, ...] = (
    fact("sizing.by_product", Kind.TEXT, _by_product, "usage.days", "usage.reported", "profile.created_at", daily=True,
         label="For the quote, a month",
         doc="A month's volume of each product for a quote: the mean of the next twelve at the growth of the last six "
         "complete months, where they grow by more than 2 % a month; else the latest, mean and largest of them."),
)  # fmt: skip
