"""What a transition says: words and numbers from the rule, the account and the look. No sink invents any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET

from signals.detectors.contract import Rule, Step, Variant
from signals.detectors.language.classes import marking
from signals.detectors.language.names import Param
from signals.detectors.language.template import Template
from signals.detectors.language.words import canonical
from signals.detectors.moment import Look
from signals.domain.account.daily import business_day
from signals.domain.account.life import Episode
from signals.domain.account.state import Account
from signals.domain.chart import Chart
from signals.domain.ids import transition_id
from signals.domain.privacy import clipped, mark, pseudonym
from signals.domain.reasons import Change, FamilyName, ResolvedBecause, Severity
from signals.domain.signal import Evidence, Link, Owner, Position, Transition
from signals.engine.policy import LinkTemplate
from signals.engine.routing import Routed
from signals.engine.values import band

NOTIFYING = frozenset({Change.OPENED, Change.ESCALATED, Change.REMINDED})


@dataclass(frozen=True)
class Subject:
    """Everything a transition is made of besides the words."""

    rule: Rule
    variant: Variant | None
    family: FamilyName
    account: Account
    key: str
    episode: Episode
    """As it is after the transition: ``seq`` is this transition's."""
    routed: Routed
    severity: Severity
    at: datetime
    cause: Position | None
    links: tuple[LinkTemplate, ...]


def write(
    subject: Subject,
    look: Look,
    change: Change,
    *,
    because: ResolvedBecause | None = None,
    notes: tuple[str, ...] = (),
    step: Step | None = None,
    notify: bool = True,
) -> Transition:
    """Return the transition with its words rendered from *look*."""
    rule, variant, words = subject.rule, subject.variant, subject.rule.words
    headline = _first(step.headline if step else None, variant.headline if variant else None, words.headline)
    next_step = _first(step.next_step if step else None, variant.next_step if variant else None, words.next_step)
    why_now = _first(variant.why_now if variant else None, words.why_now)
    stake = rule.value_at_stake.evaluate(look) if rule.value_at_stake is not None else None
    resolved = change is Change.RESOLVED
    return Transition(
        id=transition_id(subject.episode.signal_id, subject.episode.seq),
        signal_id=subject.episode.signal_id,
        seq=subject.episode.seq,
        change=change,
        at=subject.at,
        org_id=subject.account.org_id,
        account_name=look.account,
        rule=rule.id,
        rule_version=rule.version,
        family=subject.family,
        severity=subject.severity,
        key=named_key(rule, subject.key, subject.account.org_id),
        since=subject.episode.since,
        opened_at=subject.episode.opened_at,
        headline=titled(look.account, _render(headline, look)),
        decisive=_render(words.decisive, look),
        status="resolved" if resolved else "open",
        resolved_because=because,
        resolved_text=_render(words.resolved, look) if resolved else "",
        evidence=evidence_of(rule, look),
        why_now=_render(why_now, look),
        value_at_stake=Decimal(canonical(stake)) if isinstance(stake, int | Decimal) else None,
        next_step=_render(next_step, look),
        starter=_render(words.starter, look),
        source=rule.source,
        runbook=rule.runbook,
        owner=subject.routed.owner,
        tagged=subject.routed.tagged,
        segment=_segment(subject.account),
        arr=_arr(subject.account),
        links=links_of(subject.account, subject.links),
        notes=notes,
        notify=notify and change in NOTIFYING,
        caused_by=(subject.cause,) if subject.cause is not None else (),
        variant=variant.name if variant is not None else "",
        say=step.say if step is not None else "",
    )


def rewrite(
    draft: Transition,
    episode: Episode,
    owner: Owner,
    *,
    at: datetime,
    cause: Position | None,
    change: Change,
    because: ResolvedBecause | None = None,
    notes: tuple[str, ...] = (),
) -> Transition:
    """Return a transition with the words of an earlier one: its moment is over, or its subject is gone."""
    return msgspec.structs.replace(
        draft,
        id=transition_id(episode.signal_id, episode.seq),
        seq=episode.seq,
        change=change,
        at=at,
        opened_at=episode.opened_at,
        status="resolved" if change is Change.RESOLVED else "open",
        resolved_because=because,
        owner=owner,
        notes=notes,
        notify=change in NOTIFYING,
        caused_by=(cause,) if cause is not None else (),
    )


def as_it_was_said(resolved: Transition, draft: Transition) -> Transition:
    """Return a resolution in the words of the finding: rendered with today's numbers its sentences would be untrue.

    Only ``resolved_text`` speaks of now.
    """
    return msgspec.structs.replace(
        resolved,
        headline=draft.headline,
        decisive=draft.decisive,
        why_now=draft.why_now,
        next_step="",
        starter="",
        evidence=draft.evidence,
        value_at_stake=draft.value_at_stake,
    )


def evidence_of(rule: Rule, look: Look) -> tuple[Evidence, ...]:
    """Return the rule's evidence lines with their values now."""
    return tuple(
        msgspec.structs.replace(
            frame, value=canonical(marking(line.value.evaluate, line.value.sensitive, canonical)(look))
        )
        for line, frame in zip(rule.evidence, evidence_frame(rule), strict=True)
    )


def evidence_frame(rule: Rule) -> tuple[Evidence, ...]:
    """Return the rule's evidence lines without values."""
    return tuple(
        Evidence(
            name=line.name,
            label=line.label,
            value="",
            unit=line.unit,
            window=line.window,
            threshold=canonical(line.threshold.value) if line.threshold is not None else "",
            threshold_from=_source(rule, line.threshold) if line.threshold is not None else "",
            decisive=line.decisive,
        )
        for line in rule.evidence
    )


def chart_of(subject: Subject, look: Look) -> Chart | None:
    """Return the chart the rule asks for, with the day the finding began; None when there is nothing to draw."""
    plan = subject.rule.chart
    if plan is None:
        return None
    return plan.draw(look, date.fromordinal(business_day(subject.episode.since, look.zone)))


def _source(rule: Rule, param: Param) -> str:
    return rule.source if param.source == "handbook" else param.source


def shown(rule: Rule, severity: Severity, owner: str, look: Look) -> str:
    """Return what people see at a glance, coarsely: an edit is worth making when it changes."""
    decisive = next((line for line in rule.evidence if line.decisive), None)
    value = band(decisive.value.evaluate(look)) if decisive is not None else ""
    return f"{severity}|{owner}|{value}"


def titled(account: str, headline: str) -> str:
    """Return the headline with the account in front, at most 90 characters.

    >>> titled("Acme", "credit runs out early"), titled("Acme", "Acme: usage fell")
    ('Acme: credit runs out early', 'Acme: usage fell')
    """
    rest = headline.removeprefix(account)
    full = headline if rest != headline and not rest[:1].isalnum() else f"{account}: {headline}"
    return clipped(full)


def named_key(rule: Rule, key: str, org_id: str) -> str:
    """Return the condition key as it is said: of a person it is marked, and a pseudonym stands in for it.

    Signal ids derive from the key itself, whoever is allowed to see it.
    """
    classes = rule.key_sensitive
    return mark(key, classes, pseudonym(org_id, key)) if classes else key


def links_of(account: Account, templates: tuple[LinkTemplate, ...]) -> tuple[Link, ...]:
    """Return the links whose values are known; a missing one gives no link."""
    values: Mapping[str, str] = {
        "org_id": account.org_id,
        "crm_url": account.profile.crm_url if isinstance(account.profile.crm_url, str) else "",
        "usage_url": account.profile.usage_url if isinstance(account.profile.usage_url, str) else "",
    }
    found: list[Link] = []
    for template in templates:
        url = template.url
        if any(f"{{{name}}}" in url and not value for name, value in values.items()):
            continue
        for name, value in values.items():
            url = url.replace(f"{{{name}}}", value)
        if url and url.startswith(("https://", "http://")):
            found.append(Link(template.label, url))
    return tuple(found)


def _segment(account: Account) -> str:
    segments = account.profile.segments
    return segments[0] if segments is not UNSET and segments else ""


def _arr(account: Account) -> Decimal | None:
    return account.billing.mrr * 12 if account.billing.mrr is not UNSET else None


def _first(*templates: Template | None) -> Template | None:
    return next((one for one in templates if one is not None), None)


def _render(template: Template | None, look: Look) -> str:
    return template.render(look) if template is not None else ""
