"""The guards: a visible ordered list; each says yes, or no with its reason (catalogue 2.1 and 2.2).

A guard answers for one finding of one account at one instant. Those about talks and trouble stand in
``relation_guards.py``, those about what is offered and to whom in ``offer_guards.py``, the limits of fit in
``fit_guard.py``.
"""

from datetime import date, datetime, timedelta

from signals.detectors.calendar_months import add_months
from signals.detectors.facts.customer import TicketView
from signals.detectors.moment import Look
from signals.engine.fit_guard import fit_limits
from signals.engine.guard import PASSES, Answer, Candidate, Guard, Verdict, midnight
from signals.engine.offer_guards import (
    g14_fundraise,
    g15_coordinate,
    g15_engaged,
    g16_owned,
    g17_sanctions,
    g18_first_use_case,
    g19_embedded,
    g20_replay,
)
from signals.engine.policy import GuardTerms
from signals.engine.relation_guards import (
    g2_incident,
    g3_implementation,
    g5_budget,
    g6_price,
    g9_data_engineer,
    g12_no_relationship,
    put_off,
)


def _g1_support(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """An active support issue: an urgent ticket, or a storm of tickets, open or solved only lately."""
    tickets = [one for one in _tickets(candidate.look) if one.opened_at is not None]
    troubling = [one for one in tickets if one.priority in terms.urgent]
    opened = sorted((one.opened_at, number) for number, one in enumerate(tickets) if one.opened_at is not None)
    for start, (first, _) in enumerate(opened):
        storm = opened[start : start + terms.ticket_storm]
        if len(storm) == terms.ticket_storm and storm[-1][0] - first <= terms.ticket_storm_within:
            troubling.extend(tickets[number] for _, number in storm)
    if any(one.open for one in troubling):
        return Verdict(Answer.PAUSE, "G1", "a support issue is open")
    ends = [one.solved_at + terms.ticket_release for one in troubling if one.solved_at is not None]
    until = max(ends, default=None)
    if until is not None and until > candidate.look.now:
        return Verdict(Answer.PAUSE, "G1", "a support issue was solved only lately", until)
    return PASSES


def _tickets(look: Look) -> tuple[TicketView, ...]:
    tickets = look.fact("tickets")
    return tuple(one for one in tickets if isinstance(one, TicketView)) if isinstance(tickets, tuple) else ()


def _g4_first_days(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """The account is in its first days; the start is day 1."""
    start = candidate.look.fact("profile.start_on")
    if not isinstance(start, date):
        return Verdict(Answer.NOTE, "G4", "start of the account not known")
    release = start + timedelta(days=terms.first_days)
    if candidate.look.today < release:
        day = (candidate.look.today - start).days + 1
        return Verdict(
            Answer.PAUSE,
            "G4",
            f"day {day} of the first {terms.first_days} days",
            midnight(release, candidate.look.zone),
        )
    return PASSES


def _g7_declining(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Usage has been declining for four weeks or more."""
    del terms
    if candidate.active("ew_usage_declining_4w"):
        return Verdict(Answer.PAUSE, "G7", "usage has been declining for 4 weeks or more")
    return PASSES


def _g8_champion(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """The champion left and no replacement is recorded."""
    del terms
    flagged = candidate.active("ew_champion_changed") or candidate.active("churn_champion_left_no_backup")
    if flagged and candidate.look.fact("champion.change") == "left":  # a flag of level A outlasts the replacement
        return Verdict(Answer.PAUSE, "G8", "the champion left and no replacement is recorded")
    return PASSES


ADOPTION, REINFORCE, RENEWAL = (1, 2), (7, 9), (10, 12)
"""Contract months (catalogue 2.2): adoption only; reinforce value; why stay."""


def _contract_window(candidate: Candidate, windows: tuple[tuple[int, int], ...]) -> Verdict:
    month = candidate.look.fact("contract.month")
    if not isinstance(month, int):
        return PASSES
    for first, last in windows:
        if first <= month <= last:
            if candidate.asked and (first, last) != RENEWAL:
                return Verdict(Answer.NOTE, "G10", "adoption focus") if (first, last) == ADOPTION else PASSES
            return Verdict(Answer.PAUSE, "G10", f"contract month {month}", _month_change(candidate.look))
    return PASSES


def _month_change(look: Look) -> datetime | None:
    start, elapsed = look.fact("contract.starts_on"), look.fact("contract.elapsed_months")
    if not isinstance(start, date) or elapsed is None:
        return None
    return midnight(add_months(start, int(str(elapsed).split(".", maxsplit=1)[0]) + 1), look.zone)


def _g10_all(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Annual contract: cross-sell belongs in months 3 to 6."""
    del terms
    return _contract_window(candidate, (ADOPTION, REINFORCE, RENEWAL))


def _g10_renewal(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """Annual contract: no expansion pitch in months 10 to 12."""
    del terms
    return _contract_window(candidate, (RENEWAL,))


def _g11_renewal(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """The renewal is at risk or being negotiated."""
    at_risk = _at_risk(candidate, terms)
    if at_risk.answer is not Answer.PASS:
        return at_risk
    opportunities = candidate.look.fact("opportunities")
    for one in opportunities if isinstance(opportunities, tuple) else ():
        if one.open and one.type == "renewal" and one.stage in terms.negotiating_stages:
            return Verdict(Answer.PAUSE, "G11", f"the renewal is being negotiated ({one.stage})")
    return PASSES


def _at_risk(candidate: Candidate, terms: GuardTerms) -> Verdict:
    segments = candidate.look.fact("profile.segments")
    if isinstance(segments, tuple) and terms.risk_segments.intersection(segments):
        return Verdict(Answer.PAUSE, "G11", "the account is marked as a churn risk")
    return PASSES


def _order_1_0(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """A churn flag of level A, or a payment late or worse, comes first (catalogue 1.0)."""
    del terms
    if any(candidate.active(rule) for rule in candidate.look.moment.levels.get("A", ())):
        return Verdict(Answer.PAUSE, "G11", "a churn flag is open")
    invoices = candidate.look.fact("invoices")
    late = {"late", "grace", "suspend_notice", "suspended", "cancel_notice", "cancelled"}
    if any(one.state in late for one in (invoices if isinstance(invoices, tuple) else ())):
        return Verdict(Answer.PAUSE, "payment", "a payment is late")
    return PASSES


def _lost_customer(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """The subscription is cancelled: zero usage is no opening for a pitch. Ours; the handbook takes it for granted."""
    del terms
    if candidate.look.fact("billing.status") == "cancelled":
        return Verdict(Answer.PAUSE, "cancelled", "the subscription is cancelled")
    return PASSES


def _g13_overload(candidate: Candidate, terms: GuardTerms) -> Verdict:
    """One pitch at a time: another growth signal went out within the month."""
    others = [at for signal, at in candidate.pitches.items() if signal != candidate.signal_id]
    until = max(others, default=None)
    if until is not None and until + terms.pitch_every > candidate.look.now:
        return Verdict(Answer.PAUSE, "G13", "another suggestion went out within the month", until + terms.pitch_every)
    return PASSES


def _as_note(guard: Guard) -> Guard:
    """Return the guard turned from silence to a remark: delivered with the reason and "do not pitch yet"."""

    def noting(candidate: Candidate, terms: GuardTerms) -> Verdict:
        verdict = guard(candidate, terms)
        if verdict.answer is Answer.PAUSE:
            return Verdict(Answer.NOTE, verdict.guard, f"{verdict.text}: do not pitch yet")
        return verdict

    return noting


_GX_E: tuple[tuple[str, Guard], ...] = (
    ("G17", g17_sanctions),
    ("cancelled", _lost_customer),
    ("G1", _g1_support),
    ("G2", g2_incident),
    ("G3", _as_note(g3_implementation)),
    ("G4", _as_note(_g4_first_days)),
    ("G5", _as_note(g5_budget)),
    ("G6", _as_note(g6_price)),
    ("G7", _as_note(_g7_declining)),
    ("G8", _as_note(_g8_champion)),
    ("G9", _as_note(g9_data_engineer)),
    ("G10", _g10_renewal),
    ("G11", _g11_renewal),
    ("G12", _as_note(g12_no_relationship)),
    ("G14", g14_fundraise),
    ("G15", g15_coordinate),
    ("G18", _as_note(g18_first_use_case)),
    ("G19", _as_note(g19_embedded)),
    ("G20", g20_replay),
    ("fit", fit_limits),
    ("G13", _g13_overload),
)

PROFILES: dict[str, tuple[tuple[str, Guard], ...]] = {
    "none": (("G17", g17_sanctions),),
    "GX-C": (
        ("G17", g17_sanctions),
        ("cancelled", _lost_customer),
        ("G1", _g1_support),
        ("G2", g2_incident),
        ("G3", g3_implementation),
        ("G4", _g4_first_days),
        ("G5", g5_budget),
        ("G6", g6_price),
        ("G7", _g7_declining),
        ("G8", _g8_champion),
        ("G9", g9_data_engineer),
        ("G10", _g10_all),
        ("G11", _g11_renewal),
        ("G12", g12_no_relationship),
        ("order", _order_1_0),
        ("deferral", put_off),
        ("G14", g14_fundraise),
        ("G15", g15_engaged),
        ("G16", g16_owned),
        ("G18", g18_first_use_case),
        ("G19", g19_embedded),
        ("G20", g20_replay),
        ("fit", fit_limits),
        ("G13", _g13_overload),
    ),
    "GX-E": _GX_E,
    "GX-E-renewal": tuple((name, _at_risk if name == "G11" else guard) for name, guard in _GX_E if name != "G10"),
}
"""Profile -> its guards in the order they are asked. The first pause decides; notes add up."""

ASKED_BYPASSES = frozenset({"G4", "G13", "deferral"})
"""What a customer's own request opens, besides G18, with a remark, and the adoption and reinforce months of G10 (never
G1, never 10-12)."""


def ask_guards(candidate: Candidate, profile: str, terms: GuardTerms) -> tuple[Verdict, tuple[Verdict, ...]]:
    """Return the verdict that decides, and the notes of guards that let it out with a remark.

    Raises
    ------
    KeyError
        *profile* is not one of ``PROFILES``; the pack loader refuses such a rule.
    """
    notes: list[Verdict] = []
    for name, guard in PROFILES[profile]:
        if name in candidate.exempt or (candidate.asked and name in ASKED_BYPASSES):
            continue
        verdict = guard(candidate, terms)
        if verdict.answer is Answer.PAUSE:
            return verdict, ()
        if verdict.answer is Answer.NOTE:
            notes.append(verdict)
    return PASSES, tuple(notes)


def customer_asked(look: Look, offers: tuple[str, ...], key: str) -> bool:
    """Say whether a request of the customer covers what a rule offers: its products, its key, or anything."""
    asked = look.fact("customer.asked")
    return isinstance(asked, frozenset) and bool(asked & {"any", key, *offers})
