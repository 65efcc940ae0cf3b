"""Guards about how the customer and we get along: incidents, trouble in the implementation, money worries, silence."""

from datetime import datetime, timedelta

from signals.detectors.language.names import UNKNOWN
from signals.engine.guard import PASSES, Answer, Candidate, Guard, Verdict, midnight, pause
from signals.engine.policy import GuardTerms


def g2_incident(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """An incident affects the account: severity 0 to 2, or one that names it; 0 and 1 for a week after the end."""
    incidents = candidate.fact("incidents")
    ends: list[datetime] = []
    for one in incidents if isinstance(incidents, tuple) else ():
        if not one.affects or one.severity > (3 if one.listed else 2):
            continue
        if one.resolved_at is None:
            return pause("G2", f"an incident of severity {one.severity} is open")
        if one.severity <= 1:
            ends.append(one.resolved_at + terms.incident_release)
    until = max(ends, default=None)
    if until is not None and until > candidate.look.now:
        return pause("G2", "an incident ended only lately", until)
    return PASSES


def g3_implementation(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """A severe implementation signal is active: fix it first."""
    del terms
    if rule := candidate.severe:
        return pause("G3", f"the implementation needs attention ({rule.replace('_', ' ')})")
    return PASSES


def g5_budget(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Budget constraints are announced: a tag of the CRM, or a dated note that covers today."""
    tags = candidate.fact("profile.tags")
    if isinstance(tags, tuple) and terms.budget_tags.intersection(tags):
        return pause("G5", "budget constraints are announced")
    today = candidate.look.today
    for note in candidate.look.moment.state.relationship.notes:
        if note.category not in terms.budget_tags or (note.from_on is None and note.until_on is None):
            continue
        if (note.from_on or today) <= today <= (note.until_on or today):
            until = None if note.until_on is None else midnight(note.until_on + timedelta(days=1), candidate.look.zone)
            return pause("G5", "a dated note tells of budget constraints", until)
    return PASSES


def while_open(guard: str, rule: str, text: str) -> Guard:
    """Return a guard that holds back for as long as the signal of *rule* is open on the account."""
    return lambda candidate, _: pause(guard, text) if candidate.active(rule) else PASSES


g6_price = while_open("G6", "price_complaint_or_reduction", "they find the price too high")
"""They complain about the price or seek a reduction, until a person closes that signal."""

g9_data_engineer = while_open("G9", "data_engineer_takeover", "a data engineer took over")
"""A data engineer took over ownership, until a person closes that signal."""

put_off = while_open("deferral", "deferral_response", "they asked us to come back later")
"""They asked us to come back later: no pitch for as long as that signal is open (catalogue 1.15)."""


def g12_no_relationship(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Nobody talked with us for a month: get them to talk first.

    Where no touch was ever logged there is no feed of touches, and the guard cannot know. An account without an owner,
    and an open lead, are people who are not talking to us yet: there it does not apply.
    """
    relationship = candidate.look.moment.state.relationship
    if relationship.outbound_at is None and relationship.inbound_at is None:
        return PASSES
    owner, segments = candidate.fact("profile.owner"), candidate.fact("profile.segments")
    lead = candidate.fact("lead.open") is True or (isinstance(segments, tuple) and "Leads" in segments)
    if owner is UNKNOWN or owner is None or lead:
        return PASSES
    talked = candidate.fact("touch.two_way_at")
    if isinstance(talked, datetime) and candidate.look.now - talked <= terms.relationship_within:
        return PASSES
    return Verdict(Answer.PAUSE, "G12", "nobody talked with us for a month: get them to talk first")
