"""Facts about beginning with a product: what is read about it, what is made with it, whether it was in use before."""

from datetime import datetime, timedelta

from signals.detectors.facts.products import ENGAGEMENT, PRODUCTS, product_name
from signals.detectors.facts.use import ENGAGED_READS, PEOPLE_READS, USED_READS
from signals.detectors.facts.windows import witnessed
from signals.detectors.language.names import UNKNOWN, Fact, Function, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import business_day
from signals.domain.account.interest import Mark
from signals.domain.interest import DOCS, HINT, MADE, PAGE


class InterestView:
    """What people read about one product and made with it."""

    __slots__ = ("hinted_at", "label", "marks", "product")

    def __init__(self, product: str, marks: tuple[Mark, ...]) -> None:
        self.product, self.label, self.marks = product, product_name(product), marks
        self.hinted_at = max((one.at for one in marks if one.sort == HINT), default=None)


def _interest(look: Look) -> tuple[InterestView, ...]:
    return tuple(InterestView(product, marks) for product, marks in look.moment.state.interest.products.items())


class GapView:
    """A product that the account's profile asks for; ``used`` says whether it has it."""

    __slots__ = ("label", "product", "used")

    def __init__(self, product: str, used: Truth) -> None:
        self.product, self.label, self.used = product, product_name(product), used


MOBILE_SDKS = frozenset({"ios", "android", "flutter", "react_native"})
AI_TAGS = frozenset({"AI", "LLM", "ML"})


def _gaps(look: Look) -> tuple[GapView, ...]:
    """Return what the profile asks for, as far as the profile is known."""
    found = []
    if look.fact("profile.company_type") == "B2B":
        plan = look.fact("billing.group_analytics_plan")
        found.append(GapView("group_analytics", UNKNOWN if plan is UNKNOWN else plan is not None))
    if not MOBILE_SDKS.isdisjoint(_texts(look.fact("traits.sdks"))):
        found.append(GapView("mobile_replay", _truth(look.fact("uses.mobile_replay"))))
    if not AI_TAGS.isdisjoint(_texts(look.fact("profile.tags"))):
        found.append(GapView("ai_observability", _truth(look.fact("uses.ai_observability"))))
    engineers = look.fact("team.engineering")
    if look.fact("uses.feature_flags") is True and isinstance(engineers, int) and engineers:
        found.append(GapView("experiments", _truth(look.fact("uses.experiments"))))
    return tuple(found)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple | frozenset | list) else ()


def _truth(value: object) -> Truth:
    return value if isinstance(value, bool) else UNKNOWN


def _marks(item: object, *sorts: str) -> list[Mark]:
    return [one for one in item.marks if one.sort in sorts] if isinstance(item, InterestView) else []


def reads(look: Look, item: object, window: timedelta) -> int:
    """Return how many pages about a product (docs, tutorials, articles) were read in the last days, today included."""
    first = look.moment.today_number - window.days + 1
    return sum(one.times for one in _marks(item, DOCS, PAGE) if business_day(one.at, look.zone) >= first)


def burst_at(look: Look, item: object, docs: int, within: timedelta, made: int, soon: timedelta) -> datetime | None:
    """Return when somebody, after reading *docs* pages of docs within a time, made *made* objects soon after; or null.

    The newest such time; reading and making are one person's.
    """
    del look
    found: list[datetime] = []
    marks = _marks(item, DOCS, MADE)
    for person in {one.person_id for one in marks}:
        read = [one.at for one in marks if one.person_id == person and one.sort == DOCS for _ in range(one.times)]
        done = [one.at for one in marks if one.person_id == person and one.sort == MADE for _ in range(one.times)]
        for place in range(docs - 1, len(read)):
            if read[place] - read[place - docs + 1] <= within:
                after = [at for at in done if timedelta(0) <= at - read[place] <= soon]
                found.extend(after[made - 1 : made])
    return max(found, default=None)


QUIET = 2
"""Days before a moment that say nothing about what was in use before it: what is made overnight is part of it."""


def used_before(look: Look, product: str, at: datetime) -> Truth:
    """Return whether a product was in use (usage or engagement) in the 30 days that ended two days before a moment."""
    last = business_day(at, look.zone) - QUIET
    first = last - look.moment.terms.used_within.days + 1
    usage = look.moment.state.usage
    series = [usage.days.get(product), *(usage.actions.get(action) for action in ENGAGEMENT.get(product, ()))]
    if any(one is not None and one.total(first, last) for one in series):
        return True
    return False if usage.reported.runs and witnessed(look, first, last) else UNKNOWN


def pays_for(look: Look, product: str) -> object:
    """Return whether the account pays for a product by name, or has it on an up-front plan."""
    return look.fact(f"pays.{product}") if product in PRODUCTS else UNKNOWN


def uses_product(look: Look, product: str) -> object:
    """Return whether a product, by name, was used in the last 30 days."""
    return look.fact(f"uses.{product}") if product in PRODUCTS else UNKNOWN


_MADE = frozenset(f"usage.actions.{action}" for actions in ENGAGEMENT.values() for action in actions)
_USED = frozenset({"usage.days", "usage.reported", "profile.created_at"}) | _MADE

FACTS: tuple[Fact, ...] = (
    fact("interest", Kind.LIST, _interest, "interest.products",
         fields={"product": Kind.TEXT, "label": Kind.TEXT, "hinted_at": Kind.INSTANT},
         doc="Products people read about or made something with; hinted_at is the last get-started click or question."),
    fact("profile.gaps", Kind.LIST, _gaps, "profile.company_type", "profile.tags", "billing.items", "traits.sdks",
         *PEOPLE_READS, *USED_READS, *ENGAGED_READS, daily=True,
         fields={"product": Kind.TEXT, "label": Kind.TEXT, "used": Kind.BOOL},
         doc="Products the profile asks for: group analytics (B2B), mobile replay (a mobile SDK), AI observability (a "
         "tag AI, LLM or ML), experiments (engineers with flags); used says whether they have it."),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    Function(name="reads", takes=(Kind.RECORD, Kind.DURATION), gives=Kind.COUNT, call=reads,
             doc=reads.__doc__ or "", daily=True, unit="count"),
    Function(name="burst_at", takes=(Kind.RECORD, Kind.COUNT, Kind.DURATION, Kind.COUNT, Kind.DURATION),
             gives=Kind.INSTANT, call=burst_at, doc=burst_at.__doc__ or ""),
    Function(name="used_before", takes=(Kind.TEXT, Kind.INSTANT), gives=Kind.BOOL, call=used_before,
             doc=used_before.__doc__ or "", state=_USED),
    Function(name="pays_for", takes=(Kind.TEXT,), gives=Kind.BOOL, call=pays_for, doc=pays_for.__doc__ or "",
             state=frozenset({"billing.product_mrr", "billing.items", "traits.plan_type"})),
    Function(name="uses_product", takes=(Kind.TEXT,), gives=Kind.BOOL, call=uses_product, daily=True,
             doc=uses_product.__doc__ or "", state=_USED),
)  # fmt: skip
