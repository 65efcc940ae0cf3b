"""What an account is to be sold next: its use case, the next product of that path, its data maturity, its archetype.

Catalogue 11.2, 11.3, 11.5, 11.8, 11.9. The use case is found step by step, first match. A step that rests on usage or
billing and cannot be decided leaves the answer open, unless what follows comes to the same; a step that rests on
people's roles is passed over, as the rows of 11.4 are.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import cast

from msgspec import UNSET

from signals.detectors.facts import live
from signals.detectors.facts.live import buys_for, doers, present, truth_of
from signals.detectors.facts.logic import all_hold, any_holds
from signals.detectors.facts.paths import MATRIX, REPLAY, SAME, Step, products_of, walk
from signals.detectors.facts.products import PRODUCTS
from signals.detectors.facts.use import ENGAGED_READS, TEAMS, USED_READS, active_persons, roles_known
from signals.detectors.facts.use import PEOPLE_READS as TEAM_READS
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import ordinal
from signals.domain.account.reduce import RESUMED, RESUMED_DOING
from signals.domain.account.usage import TOTAL
from signals.domain.roles import BY_FAMILY, USE_CASES

AI_TAGS = frozenset({"ai", "llm", "ml"})
FEW_INSIGHT_USERS = 3
FEW_PRODUCTS = 2
KNOWN_ROLES = 3
HALF = Decimal("0.5")
EARLY_UP_TO, SCALED_UP_TO = 50, 1000
WAREHOUSES = frozenset({"snowflake", "bigquery", "redshift", "databricks"})
INSIGHTS = ("insight created", "insight viewed")
# All of them PROPOSED in the catalogue (11.2, 11.8, 11.9).


def _tags(look: Look) -> frozenset[str] | None:
    tags = look.moment.state.profile.tags
    return None if tags is UNSET else frozenset(tag.casefold() for tag in tags)


def ai_tagged(look: Look) -> Truth:
    """Return whether the company is tagged as one of AI."""
    tags = _tags(look)
    return UNKNOWN if tags is None else bool(tags & AI_TAGS)


def in_use(look: Look, step: Step) -> Truth:
    """Return whether any product of a step of a path is in use."""
    same = (one for product in step for one in SAME.get(product, (product,)))
    return any_holds(*(truth_of(look, f"uses.{product}") for product in same))


def _used(look: Look) -> frozenset[str] | None:
    """Return the products with a use case that are in use; None while any of them is not known."""
    return cast("frozenset[str] | None", look.moment.cached("use cases used", lambda: _find_used(look)))


def _find_used(look: Look) -> frozenset[str] | None:
    known = {product: truth_of(look, f"uses.{product}") for product in MATRIX}
    if any(value is UNKNOWN for value in known.values()):
        return None
    return frozenset("session_replay" if one in REPLAY else one for one, value in known.items() if value is True)


def _used_are(look: Look, *wanted: str) -> Truth:
    used = _used(look)
    if used is not None:
        return used == frozenset(wanted)
    return False if any(in_use(look, (one,)) is False for one in wanted) else UNKNOWN


def _paid(look: Look) -> frozenset[str] | None:
    """Return the products with a use case that money is paid for; by their plans where spend is not reported."""
    billing = look.moment.state.billing
    if billing.product_mrr is not UNSET:
        return frozenset(one for one, mrr in billing.product_mrr.items() if mrr > 0 and one in MATRIX)
    if billing.items is UNSET:
        return None
    return frozenset(one for one, plan in billing.items.items() if plan == "paid" and one in MATRIX)


def _paid_only(look: Look, *wanted: str) -> Truth:
    paid = _paid(look)
    return UNKNOWN if paid is None else paid == frozenset(wanted)


def _half_of_spend(look: Look, *products: str) -> Truth:
    """Return whether some products, each of them paid for, are at least half of the spend."""
    spend = look.moment.state.billing.product_mrr
    if spend is UNSET:
        paid = _paid(look)
        return UNKNOWN if paid is None or paid.issuperset(products) else False
    parts = [spend.get(product, Decimal(0)) for product in products]
    whole = sum(spend.values(), Decimal(0))
    return all(part > 0 for part in parts) and sum(parts, Decimal(0)) >= whole * HALF


def _only_exports(look: Look) -> Truth:
    active = look.fact("traits.batch_exports")
    exports = active > 0 if isinstance(active, int) else truth_of(look, "uses.batch_exports")
    if exports is not True:
        return exports
    if not look.moment.state.people.persons:
        return UNKNOWN
    families = {one.family for one in present(look) if isinstance(one.family, str)}
    readers = len(doers(look, families, INSIGHTS)) + _unnamed_readers(look)
    few = readers < FEW_INSIGHT_USERS
    return UNKNOWN if few and look.moment.state.people.dropped else few


def _unnamed_readers(look: Look) -> int:
    first = look.moment.today_number - look.moment.terms.active_within.days + 1
    unnamed = (one for one in present(look) if not isinstance(one.family, str))
    return sum([any(one.times(action, first) for action in INSIGHTS) for one in unnamed])


def _flags_first(look: Look) -> Truth:
    if truth_of(look, "uses.feature_flags") is False:
        return False  # ours: what nobody uses is no use case, whatever is paid for it
    return any_holds(
        _paid_only(look, "feature_flags"),
        _half_of_spend(look, "feature_flags"),
        _used_are(look, "feature_flags", "error_tracking"),
        _half_of_spend(look, "feature_flags", "error_tracking"),
    )


def _errors_first(look: Look) -> Truth:
    errors = truth_of(look, "uses.error_tracking")
    used = _used(look)
    return all_hold(errors, UNKNOWN if used is None else len(used) <= FEW_PRODUCTS)


def _all_engineers(look: Look) -> Truth:
    if roles_known(look) is not True:
        return UNKNOWN
    families = [one.family for one in present(look) if isinstance(one.family, str)]
    if len(families) < KNOWN_ROLES:
        return False
    return all(family in TEAMS["engineering"] for family in families)


def _analytics_paid(look: Look) -> Truth:
    if truth_of(look, "uses.product_analytics") is False:
        return False
    return _paid_only(look, "product_analytics")


_STEPS: tuple[tuple[str, Callable[[Look], Truth], bool], ...] = (
    ("ai", lambda look: all_hold(truth_of(look, "uses.ai_observability"), ai_tagged(look)), False),
    ("data", _only_exports, True),
    ("growth", lambda look: _used_are(look, "web_analytics"), False),
    ("pi", lambda look: _used_are(look, "product_analytics", "session_replay"), False),
    ("release", _flags_first, False),
    ("observability", _errors_first, False),
    ("release", _all_engineers, True),
    ("pi", _analytics_paid, False),
)
"""Use case, its test, and whether the test rests on people and is passed over where it cannot be decided."""


def _primary(look: Look) -> object:
    """Return the use case: as its owner set it, else the first step that matches, else the live one with most people.

    Null where nothing matches: the owner asks the customer.
    """
    told = look.fact("traits.primary_use_case")
    if told in USE_CASES:
        return told
    open_to: set[str] = set()
    for use_case, test, of_people in _STEPS:
        holds = test(look)
        if holds is True:
            return use_case if open_to <= {use_case} else UNKNOWN
        if holds is UNKNOWN and not of_people:
            open_to.add(use_case)
    lived = _most_lived(look)
    return lived if open_to <= {lived} else UNKNOWN


def _most_lived(look: Look) -> object:
    lives = {name: truth_of(look, f"live.{name}") for name in USE_CASES}
    people = {name: live.living(look, name) for name, lives_now in lives.items() if lives_now is True}
    if not people:
        return UNKNOWN if any(lives_now is UNKNOWN for lives_now in lives.values()) else None
    most = max(people.values())
    first = [name for name, count in people.items() if count == most]
    return first[0] if len(first) == 1 else "pi"


def _entry(look: Look) -> str | None:
    """Return the product first ever used; None where several begin together or none is known."""
    days = {
        product: first
        for product, daily in look.moment.state.usage.days.items()
        if product in PRODUCTS and (first := daily.first_nonzero()) is not None
    }
    for product, use in look.moment.state.intents.first_use.items():
        began = ordinal(use.at.astimezone(look.zone).date())
        days[product] = min(days.get(product, began), began)
    earliest = min(days.values(), default=None)
    entries = [product for product, day in days.items() if day == earliest]
    return entries[0] if len(entries) == 1 else None


def replay_feasible(look: Look) -> bool:
    """Return whether recordings may be offered (guard G20); what is not known forbids nothing."""
    tags, state = _tags(look) or frozenset(), look.moment.state
    signed = look.fact("traits.baa_signed_on") not in (UNKNOWN, None)
    health = signed or state.profile.business_type == "Healthcare"
    reviewed = look.fact("done.replay_privacy_review") is not None
    if "no-replay" in tags and not reviewed:
        return False
    return not health or look.moment.terms.no_health_tag in tags or (reviewed and signed)


def _next_product(look: Look) -> object:
    """Return the first product of the path that is not in use; null at its end."""
    use_case = look.fact("use_case.primary")
    if not isinstance(use_case, str):
        return use_case
    for step in walk(use_case, _entry(look)):
        if REPLAY.intersection(step) and not replay_feasible(look):
            continue
        used = in_use(look, step)
        if used is UNKNOWN:
            return UNKNOWN
        if used is False:
            return step[-1] if "logs" in step and ai_tagged(look) is True else step[0]
    return None


def _products(look: Look) -> object:
    use_case = look.fact("use_case.primary")
    return products_of(use_case) if isinstance(use_case, str) else use_case


def _maturity(look: Look) -> object:
    """Return the data maturity, 2 to 5; 1 where nothing was ever sent to us. Settings never reported: not known."""
    days = look.moment.state.usage.days.get(TOTAL)
    if days is not None and days.first_nonzero() is None:
        return 1
    names = ("batch_exports", "external_schemas", "batch_export_destinations", "destinations")
    known = {name: value for name in names if (value := look.fact(f"traits.{name}")) is not UNKNOWN}
    if not known:
        return UNKNOWN
    exported_to = _names(known.get("batch_export_destinations"))
    if known.get("batch_exports") and exported_to & WAREHOUSES:
        return 5
    if known.get("external_schemas"):
        return 4
    used = any_holds(*(truth_of(look, f"uses.{product}") for product in live.FLOWS[1:]))
    return 3 if exported_to or _names(known.get("destinations")) or used is True else 2


def _names(value: object) -> frozenset[str]:
    """Return a set of names, casefolded."""
    return frozenset(one.casefold() for one in value) if isinstance(value, tuple | frozenset) else frozenset()


def _archetype(look: Look) -> object:
    profile = look.moment.state.profile
    size = profile.employees
    if size is UNSET or size is None:
        size = look.fact("traits.headcount")  # type: ignore[assignment]  # a count, null or unknown
    native = ai_tagged(look)
    if not isinstance(size, int) or native is UNKNOWN:
        return UNKNOWN
    stage = "early" if size <= EARLY_UP_TO else "scaled" if size <= SCALED_UP_TO or native else "enterprise"
    return f"{'ai' if native else 'cloud'}_native_{stage}"


def _buyers(look: Look) -> object:
    """Return the use cases of which somebody who buys for them is known, by title, else by family."""
    found: set[str] = set()
    for one in present(look):
        found.update(buys_for(one) or BY_FAMILY.get(one.family if isinstance(one.family, str) else "", ()))
    return frozenset(found)


def _ai_people(look: Look) -> object:
    if roles_known(look) is not True:
        return UNKNOWN
    seen = len(live.ai_people(look))
    untitled = any(
        one.family in ("engineering", "product") and not isinstance(one.title, str) for one in active_persons(look)
    )
    return AtLeast(seen) if untitled or look.moment.state.people.dropped else seen


def _absent(look: Look) -> object:
    counts = {team: look.fact(f"team.{team}") for team in ("engineering", "product", "growth")}
    if any(
        not isinstance(count, int) and not (isinstance(count, AtLeast) and count.value) for count in counts.values()
    ):
        return UNKNOWN
    return frozenset(team for team, count in counts.items() if count == 0)


BUNDLES: Mapping[str, tuple[Step, ...]] = {
    "early_growth": (("product_analytics", "web_analytics"), ("session_replay",), ("surveys",)),
    "ship_fast": (("feature_flags",), ("error_tracking",), ("experiments",)),
    "ai_startup": (("product_analytics",), ("feature_flags",), ("ai_observability",), ("error_tracking",)),
}
"""Bundle -> what is in it (catalogue 11.5; the one that the newer page dropped is left out)."""

OWNED_AT_LEAST = 2


def _missing(bundle: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        owned = {step[0]: in_use(look, step) for step in BUNDLES[bundle]}
        if any(value is UNKNOWN for value in owned.values()):
            return UNKNOWN
        missing = frozenset(product for product, value in owned.items() if not value)
        return missing if len(owned) - len(missing) >= OWNED_AT_LEAST else None

    return get


_USES = (*USED_READS, *ENGAGED_READS)
_PRIMARY = tuple(
    dict.fromkeys((
        *_USES, *TEAM_READS, "profile.tags", "billing.product_mrr", "billing.items", "traits.primary_use_case",
        "traits.batch_exports", *(field for name in USE_CASES for field in live.live_reads(name)),
        *(f"{beginning}.{action}" for action in INSIGHTS for beginning in (RESUMED, RESUMED_DOING)),
    ))
)  # fmt: skip
_REPLAY = ("profile.tags", "profile.business_type", "traits.baa_signed_on", "work.done.replay_privacy_review")

FACTS: tuple[Fact, ...] = (
    fact("use_case.primary", Kind.TEXT, _primary, *_PRIMARY, daily=True, label="Use case",
         doc="The account's use case: pi, release, observability, growth, ai, data or cx; null: ask the customer."),
    fact("use_case.next_product", Kind.TEXT, _next_product, *_PRIMARY, *_REPLAY, "intents.first_use", daily=True,
         label="Next product", doc="First product of the use case's path that is not in use; null at its end."),
    fact("use_case.products", Kind.SET, _products, *_PRIMARY, daily=True,
         doc="Products that belong to the account's use case, those of its alternates included."),
    fact("use_case.maturity", Kind.COUNT, _maturity, *_USES, "traits.batch_exports", "traits.external_schemas",
         "traits.batch_export_destinations", "traits.destinations", daily=True, label="Data maturity",
         doc="Data maturity: 1 not with us, 2 product events, 3 pipelines, 4 warehouse, 5 exports to a warehouse."),
    fact("use_case.archetype", Kind.TEXT, _archetype, "profile.tags", "profile.employees", "traits.headcount",
         doc="ai_native_early, ai_native_scaled, cloud_native_early, cloud_native_scaled or cloud_native_enterprise."),
    fact("buyers.known", Kind.SET, _buyers, "people.persons",
         doc="Use cases of which a buyer is among the known people, by title or family."),
    fact("company.ai", Kind.BOOL, ai_tagged, "profile.tags", doc="The company is tagged AI, LLM or ML."),
    fact("team.absent", Kind.SET, _absent, *TEAM_READS, daily=True, label="Teams with nobody active",
         doc="Of engineering, product and growth those with nobody active."),
    fact("team.ai", Kind.COUNT, _ai_people, *TEAM_READS, unit="people", daily=True, bounded=True,
         label="Active in AI", doc="Active people with a title of AI; at least so many where titles are missing."),
    fact("replay.feasible", Kind.BOOL, replay_feasible, *_REPLAY,
         doc="Recordings may be offered: no health data, no policy against them, or reviewed."),
    *(fact(f"bundle.{name}_missing", Kind.SET, _missing(name), *_USES, daily=True,
           doc=f"Of the bundle {name.replace('_', ' ')}, what is not in use; null while fewer than two parts are.")
      for name in BUNDLES),
)  # fmt: skip
