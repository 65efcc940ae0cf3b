"""What of a card's look comes from configuration: names of people, one emoji per family, the link behind "why"."""

from string import Formatter

from pydantic import BaseModel, ConfigDict, field_validator

from signals.domain.reasons import FamilyName, ResolvedBecause, Severity
from signals.sinks.safety import graphemes

FAMILY_WORDS: dict[FamilyName, str] = {
    FamilyName.CROSS_SELL: "Cross-sell",
    FamilyName.EXPANSION: "Expansion",
    FamilyName.CHURN_RISK: "Churn risk",
    FamilyName.SPIKE: "Spike",
    FamilyName.CREDIT_RUNWAY: "Credit runway",
    FamilyName.PAYMENT: "Payment",
    FamilyName.LEAD: "Lead",
    FamilyName.ADOPTION: "Adoption",
    FamilyName.IMPLEMENTATION_HEALTH: "Implementation health",
    FamilyName.LIFECYCLE: "Lifecycle",
    FamilyName.SEGMENT: "Segment",
    FamilyName.TEAM_HEALTH: "Team health",
    FamilyName.OTHER: "Signal",
}

SEVERITY_WORDS: dict[Severity, str] = {
    Severity.INFO: "for information",
    Severity.NOTICE: "notice",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "critical",
}

RESOLVED_WORDS: dict[ResolvedBecause, str] = {
    ResolvedBecause.CLEARED: "the condition no longer holds",
    ResolvedBecause.EXPIRED: "its time is over",
    ResolvedBecause.CLOSED_BY_PERSON: "closed by a person",
    ResolvedBecause.RULE_OFF: "the rule was switched off",
    ResolvedBecause.GONE: "what it was about no longer exists",
    ResolvedBecause.ERASED: "erased on request",
}

EMOJI: dict[FamilyName, str] = {
    FamilyName.CROSS_SELL: "🧩",
    FamilyName.EXPANSION: "🌱",
    FamilyName.CHURN_RISK: "📉",
    FamilyName.SPIKE: "📈",
    FamilyName.CREDIT_RUNWAY: "⏳",
    FamilyName.PAYMENT: "💳",
    FamilyName.LEAD: "👋",
    FamilyName.ADOPTION: "🧭",
    FamilyName.IMPLEMENTATION_HEALTH: "🩺",
    FamilyName.LIFECYCLE: "🔄",
    FamilyName.SEGMENT: "🏷️",
    FamilyName.TEAM_HEALTH: "👥",
}

WHY_FIELDS = frozenset({"signal_id", "rule", "org_id"})


class Appearance(BaseModel):
    """The part of the configuration that every sink's card shares; all of it may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, str] = {}
    """Owner id, role or fallback, as the CRM or the rules write it, to the name people know."""
    emoji: dict[FamilyName, str] = EMOJI
    """One character per family, not a code such as ``:fire:``; an empty mapping shows none."""
    why_url: str = ""
    """Template behind *why am I seeing this*, with ``{signal_id}``, ``{rule}``, ``{org_id}``; without it the
    command that explains the signal is shown."""

    @field_validator("emoji")
    @classmethod
    def _one_each(cls, emoji: dict[FamilyName, str]) -> dict[FamilyName, str]:
        for family, sign in emoji.items():
            if len(list(graphemes(sign))) > 1:
                raise ValueError(f"{family}: one emoji character at most, got {sign!r}")
        return emoji

    @field_validator("why_url")
    @classmethod
    def _known_fields(cls, template: str) -> str:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
        if not fields <= WHY_FIELDS:
            raise ValueError(f"unknown field {sorted(fields - WHY_FIELDS)}, valid: {sorted(WHY_FIELDS)}")
        if template and not template.startswith(("https://", "http://")):
            raise ValueError(f"must be an http(s) address, got {template!r}")
        return template

    def name_of(self, key: str) -> str:
        """Return the name people know for an owner id or role; roles read as words when nothing is configured.

        >>> Appearance(names={"005A": "Ada Lovelace"}).name_of("005A"), Appearance().name_of("sales_lead")
        ('Ada Lovelace', 'sales lead')
        """
        return self.names.get(key) or key.replace("_", " ")
