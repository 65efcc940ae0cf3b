"""Facts about onboarding: what of the checklist is open, and which checkpoints of the use case are reached."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from signals.detectors.facts import customer, money, use, use_cases
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily
from signals.domain.onboarding import CHECKPOINTS, GENERAL, PER_PRODUCT, Checkpoint


def _ticked(look: Look, trait: str) -> object:
    known = look.moment.state.traits.values.get(trait)
    if known is None:
        return UNKNOWN
    return frozenset(known.value) if isinstance(known.value, tuple | list) else frozenset()


def _open(look: Look) -> object:
    """Return the items of the checklist that nobody ticked, for what the account pays for."""
    paid = look.fact("billing.paid_products")
    ticked = _ticked(look, "onboarding_checklist")
    if not isinstance(paid, frozenset | set | tuple) or not isinstance(ticked, frozenset):
        return UNKNOWN
    items = {*GENERAL, *(item for product in paid for item in PER_PRODUCT.get(str(product), {}))}
    return frozenset(items - ticked)


def _action(look: Look, name: str, times: str = "1") -> Truth:
    daily = look.moment.state.usage.actions.get(name, Daily())
    if daily.total(0, look.moment.today_number) >= int(times):
        return True
    return False if look.moment.state.usage.reported.runs else UNKNOWN


def _uses(look: Look, product: str) -> Truth:
    used = look.fact(f"uses.{product}")
    return used if isinstance(used, bool) else UNKNOWN


def _trait(look: Look, name: str) -> Truth:
    known = look.moment.state.traits.values.get(name)
    return UNKNOWN if known is None else bool(known.value)


def _measure(look: Look, name: str) -> Truth:
    daily = look.moment.state.usage.measures.get(name)
    return UNKNOWN if daily is None else daily.total(0, look.moment.today_number) > 0


_SEEN: Mapping[str, Callable[..., Truth]] = {
    "action": _action,
    "uses": _uses,
    "trait": _trait,
    "measure": _measure,
}


def _reached(look: Look, one: Checkpoint, ticked: object) -> Truth:
    """Return whether a checkpoint is reached: ticked, or seen; one that is only ticked is open once some are."""
    if isinstance(ticked, frozenset) and one.key in ticked:
        return True
    if not one.seen:
        return UNKNOWN if ticked is UNKNOWN else False
    how, *words = one.seen.split(":")
    return _SEEN[how](look, *words)


class CheckpointView:
    """One checkpoint as rules see it."""

    __slots__ = ("due_on", "key", "reached", "use_case", "words")

    def __init__(self, use_case: str, one: Checkpoint, start: date, reached: Truth) -> None:
        self.use_case, self.key, self.words, self.reached = use_case, one.key, one.words, reached
        self.due_on = start + timedelta(days=one.due)


def _checkpoints(look: Look) -> object:
    use_case, start = look.fact("use_case.primary"), look.fact("profile.start_on")
    if use_case is UNKNOWN or not isinstance(start, date):
        return UNKNOWN
    ticked = _ticked(look, "checkpoints_reached")
    table = CHECKPOINTS.get(use_case, ()) if isinstance(use_case, str) else ()
    return tuple(CheckpointView(str(use_case), one, start, _reached(look, one, ticked)) for one in table)


def _missed(look: Look) -> object:
    """Return the words of checkpoints whose day is over and that are known not to be reached."""
    found = _checkpoints(look)
    if not isinstance(found, tuple):
        return UNKNOWN
    return frozenset(one.words for one in found if one.reached is False and one.due_on < look.today)


def _of(how: str) -> tuple[str, ...]:
    """Return what the tables look at in one way."""
    rows = [one.seen.split(":") for table in CHECKPOINTS.values() for one in table if one.seen]
    return tuple(sorted({words[1] for words in rows if words[0] == how}))


def _reads(facts: tuple[Fact, ...], names: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(one.reads for one in facts if one.name in names))


_SEEN_BY = frozenset(
    {f"usage.actions.{name}" for name in _of("action")} | {f"traits.{name}" for name in _of("trait")}
    | {f"usage.measures.{name}" for name in _of("measure")}
)  # fmt: skip
_CHECKPOINT_READS = (
    "traits.checkpoints_reached", *_SEEN_BY, *_reads(use.FACTS, tuple(f"uses.{name}" for name in _of("uses"))),
    *_reads(use_cases.FACTS, ("use_case.primary",)), *_reads(customer.FACTS, ("profile.start_on",)),
)  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("onboarding.open", Kind.SET, _open, "billing.product_mrr", "traits.onboarding_checklist",
         *_reads(money.FACTS, ("billing.paid_products",)), label="Open on the checklist",
         doc="Items of the onboarding checklist that nobody ticked: the general ones, and those of each paid product."),
    fact("onboarding.checkpoints", Kind.LIST, _checkpoints, *_CHECKPOINT_READS, daily=True,
         fields={"use_case": Kind.TEXT, "key": Kind.TEXT, "words": Kind.TEXT, "due_on": Kind.DATE,
                 "reached": Kind.BOOL},
         doc="Checkpoints of the account's use case, counted from its first day as a customer, and whether each is "
         "reached."),
    fact("onboarding.missed", Kind.SET, _missed, *_CHECKPOINT_READS, daily=True, label="Not reached in time",
         doc="Checkpoints of the use case whose day is over and that are known not to be reached."),
)  # fmt: skip
