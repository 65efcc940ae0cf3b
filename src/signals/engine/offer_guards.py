"""Guards about what is offered and to whom: courtesy, deals under way, products owned, sanctions, first use case."""

from datetime import date, timedelta

from signals.detectors.facts.paths import PATHS, products_of
from signals.domain.reasons import FamilyName
from signals.engine.guard import PASSES, Answer, Candidate, Verdict, midnight, pause
from signals.engine.policy import GuardTerms

REPLAY = frozenset({"session_replay", "mobile_replay"})
SOLD = frozenset({FamilyName.CROSS_SELL, FamilyName.EXPANSION, FamilyName.LEAD, FamilyName.ADOPTION})
"""Families that G17 holds: what sells, and what helps somebody start."""

USE_CASES: dict[str, frozenset[str]] = {name: products_of(name) for name in PATHS}
"""Use case -> products on its path, an alternate, or alongside (catalogue 11.3)."""


def g14_fundraise(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """A round, an acquisition or a listing was announced: days 0 to 20 are for congratulations."""
    day = candidate.fact("fundraise.day0")
    if not isinstance(day, date):
        return PASSES
    release = day + timedelta(days=terms.fundraise_days)
    if day <= candidate.look.today < release:
        return pause("G14", "good news was announced only lately", midnight(release, candidate.look.zone))
    return PASSES


def _deals(candidate: Candidate) -> tuple[object, ...]:
    found = candidate.fact("opportunities")
    return found if isinstance(found, tuple) else ()


def g15_engaged(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """An open opportunity is about the same product: coordinate instead."""
    for one in _deals(candidate):
        if getattr(one, "open", False) and getattr(one, "product", None) in candidate.offered:
            return pause("G15", "an opportunity for it is open: coordinate with its owner")
    return g15_coordinate(candidate, terms)


def g15_coordinate(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Another opportunity or a lead is open: goes out, with the word to coordinate."""
    del terms
    if any(getattr(one, "open", False) for one in _deals(candidate)):
        return Verdict(Answer.NOTE, "G15", "an opportunity is open: coordinate")
    if candidate.fact("lead.open") is True:
        return Verdict(Answer.NOTE, "G15", "a lead is open: coordinate with who has it")
    return PASSES


def g16_owned(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """They have the product, or an opportunity for it was lost within the last 90 days (proposed)."""
    for product in sorted(candidate.offered):
        if candidate.fact(f"pays.{product}") is True and candidate.fact(f"uses.{product}") is True:
            return pause("G16", f"{product.replace('_', ' ')} is in use and paid for")
    for one in _deals(candidate):
        lost_at = getattr(one, "stage_at", None)
        if (
            getattr(one, "product", None) in candidate.offered
            and getattr(one, "stage", "") == "Closed Lost"
            and lost_at
        ):
            until = lost_at + terms.lost_release
            if until > candidate.look.now:
                return pause("G16", "an opportunity for it was lost only lately", until)
    return PASSES


def g17_sanctions(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """A sanctioned country or company; a watched one until legal has cleared it. Evaluated before all others."""
    del terms
    if candidate.family not in SOLD:
        return PASSES
    tier = candidate.fact("sensitive.tier")
    if tier in ("banned", "russia"):
        return pause("G17", "no sales: a sanctioned country or company")
    if tier == "watch" and candidate.fact("sensitive.cleared") is not True:
        return pause("G17", "a watched country: legal has to clear it first")
    return PASSES


def g18_first_use_case(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """The first use case is not solid: products of another one wait, unless the customer asked for one."""
    del terms
    path = USE_CASES.get(str(candidate.fact("use_case.primary")))
    products = candidate.offered & frozenset().union(*USE_CASES.values())
    if path is None or not products or products & path or candidate.fact("traits.use_case_solid") is True:
        return PASSES
    if candidate.fact("phase.at_least_depth") is not False and not candidate.severe:
        return PASSES
    if candidate.asked:
        return Verdict(Answer.NOTE, "G18", "first use case not solid")
    return pause("G18", "the first use case is not solid yet")


def g19_embedded(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Their owner noted an embedded provider for the product, and nothing forces a switch."""
    del terms
    embedded = candidate.fact("traits.embedded_products")
    if isinstance(embedded, tuple) and candidate.offered.intersection(embedded):
        return pause("G19", "another provider is embedded for it")
    return PASSES


def g20_replay(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Replay is not feasible: health data or a policy against recording, until a privacy review is on record."""
    del terms
    if not candidate.offered & REPLAY:
        return PASSES
    tags = candidate.fact("profile.tags")
    tags = frozenset(tags) if isinstance(tags, tuple) else frozenset()
    signed = isinstance(candidate.fact("traits.baa_signed_on"), date)
    health = candidate.fact("profile.business_type") == "Healthcare" or signed
    reviewed = candidate.fact("done.replay_privacy_review") is not None
    if "no-replay" in tags and not reviewed:
        return pause("G20", "their policy forbids recording")
    if health and candidate.look.moment.terms.no_health_tag not in tags and not (reviewed and signed):
        return pause("G20", "health data: recording needs a privacy review and a signed agreement first")
    return PASSES
