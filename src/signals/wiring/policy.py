"""Settings -> what the pure parts take: the topics and the engine's policy."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from signals.detectors.terms import Terms
from signals.domain.classes import FieldClass
from signals.domain.topics import PHRASES, TOOLS, Classifier, KeywordClassifier
from signals.engine.policy import WORDS, GuardTerms, LinkTemplate, Policy, Privacy, Routing
from signals.engine.portfolio.figures import ReportTerms
from signals.engine.portfolio.turns import EVERYWHERE, Leave, Seat, TurnTerms
from signals.settings.model import Settings
from signals.settings.text import TextSettings
from signals.streams.catch_up import CatchUp
from signals.streams.topics import SINKS, Topics


def topics_of(settings: Settings) -> Topics:
    """Return the names and partitions of all topics."""
    return Topics(partitions=settings.kafka.partitions, prefix=settings.kafka.prefix)


def policy_of(settings: Settings) -> Policy:
    """Return the engine's policy; ``Settings()`` gives the engine's own defaults."""
    guards, payment, routing = settings.guards, settings.payment, settings.routing
    sinks = ("slack", *(["crm"] if routing.crm else []), *(["webhook"] if routing.webhook else []))
    return Policy(
        zone=ZoneInfo(settings.time.zone),
        admission_window=settings.time.admission_window,
        terms=Terms(
            payment_clock_attempt=payment.clock_attempt,
            suspend_after=payment.suspend_after,
            cancel_after=payment.cancel_after,
            notice=payment.notice,
            credit_due_after=payment.credit_due_after,
            no_health_tag=guards.no_health_tag,
            prices=settings.prices.products,
        ),
        guards=GuardTerms(
            first_days=guards.first_days,
            ticket_release=guards.ticket_release,
            ticket_storm=guards.tickets_in_24h,
            pitch_every=guards.pitch_every,
            negotiating_stages=frozenset(guards.negotiating_stages),
            risk_segments=frozenset(guards.risk_segments),
            incident_release=guards.incident_release,
            budget_tags=frozenset(guards.budget_tags),
            relationship_within=guards.relationship_within,
            fundraise_days=guards.fundraise_days,
            lost_release=guards.lost_release,
            huge_source_rows=guards.huge_source_rows,
        ),
        routing=Routing(
            fallback_owner=routing.fallback_owner,
            unmanaged={family.value: role for family, role in routing.unmanaged.items()},
            default_channel=_channel(routing.default_channel),
            channels={family.value: _channel(name) for family, name in routing.channels.items()},
            sinks=sinks,
            teams=frozenset(settings.assignment.teams),
            in_turn=bool(settings.assignment.members),
        ),
        privacy=Privacy(
            topics=_classes(settings.privacy.topics),
            sinks={sink: _classes(allowed) for sink in SINKS if (allowed := getattr(settings.privacy, sink))},
        ),
        classifier=classifier_of(settings.text),
        links=(LinkTemplate("Open in CRM", settings.links.crm), LinkTemplate("Usage", settings.links.usage)),
    )


def report_terms_of(settings: Settings) -> ReportTerms:
    """Return the numbers of the figures over all accounts."""
    chosen = settings.report
    return ReportTerms(chosen.managed_arr, chosen.book_most, chosen.movers, chosen.movement)


def turn_terms_of(settings: Settings) -> TurnTerms:
    """Return who takes the leads of which team."""
    chosen = settings.assignment
    return TurnTerms(
        teams=chosen.teams,
        seats=tuple(
            Seat(
                user=one.user,
                role=one.role,
                territories=frozenset(one.territories) or EVERYWHERE,
                priority=one.priority,
                active=one.active,
                joined=one.joined,
                leaves=tuple(Leave(leave.first, leave.back) for leave in one.leaves),
                adjustments={date.fromisoformat(f"{month}-01"): leads for month, leads in one.adjustments.items()},
            )
            for one in chosen.members
        ),
        most_accounts=chosen.most_accounts,
        most_arr=chosen.most_arr,
    )


def classifier_of(text: TextSettings) -> Classifier:
    """Return what says what texts are about; without settings the engine's own, made once."""
    if not text.topics and not text.tools:
        return WORDS
    return KeywordClassifier({**PHRASES, **text.topics}, dict.fromkeys((*TOOLS, *text.tools)))


def catch_up_of(settings: Settings) -> CatchUp:
    """Return when cards are stale; never for a history, unless it was asked for."""
    chosen = settings.catch_up
    asked = "after" in chosen.model_fields_set
    after = chosen.after if asked or settings.time.source == "wall" else None
    return CatchUp(after=after, more_than=chosen.more_than)


def _classes(names: Iterable[str]) -> frozenset[FieldClass]:
    return frozenset(FieldClass(name) for name in names)


def _channel(name: str) -> str:
    return f"#{name.removeprefix('#')}"
