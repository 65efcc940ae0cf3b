"""Settings of what may be said when: the guards' numbers, and the payment states' terms."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from signals.settings.durations import Duration
from signals.settings.section import Positive, Section, Word


class GuardSettings(Section):
    """Numbers of the guards (catalogue 2.1): G4 is the handbook's, the others are proposals to tune."""

    tickets_in_24h: Positive = 3
    """G1: this many tickets opened within 24 h pause a pitch, as one high or urgent open ticket does."""
    ticket_release: Duration = timedelta(days=7)
    """G1: quiet time after the last ticket was solved."""
    first_days: Annotated[int, Field(ge=0)] = 30
    """G4: no cross-sell in an account's first days; the start is day 1."""
    negotiating_stages: tuple[Word, ...] = ("Commercial & Legal Review",)
    """G11: stages of an open renewal opportunity that mean negotiation."""
    risk_segments: tuple[Word, ...] = ("Churn Risk",)
    """G11: segments that mean the renewal is at risk."""
    pitch_every: Duration = timedelta(days=30)
    """G13: one growth pitch per account in this time."""
    incident_release: Duration = timedelta(days=7)
    """G2: quiet time after an incident of severity 0 or 1 ended."""
    budget_tags: tuple[Word, ...] = ("budget", "budget_constraint")
    """G5: tags of the CRM, and categories of dated notes, that mean budget constraints."""
    relationship_within: Duration = timedelta(days=30)
    """G12: without a conversation in this time there is no relationship to sell into."""
    fundraise_days: Annotated[int, Field(ge=0)] = 21
    """G14: days from the announcement of a round on, its own included, that are for congratulations only."""
    lost_release: Duration = timedelta(days=90)
    """G16: how long a lost opportunity for a product holds that product back."""
    no_health_tag: Word = "no-phi"
    """G20: tag of the CRM that says that no health data is recorded."""
    huge_source_rows: Positive = 1_000_000_000
    """An external source with so many rows is no case for a warehouse of ours."""


class PaymentSettings(Section):
    """The payment state machine (catalogue 5)."""

    clock_attempt: Literal[1, 4] = 4
    """The failed attempt that makes a card payer late (day 0)."""
    suspend_after: Duration = timedelta(days=7)
    """From day 0 to suspension."""
    cancel_after: Duration = timedelta(days=7)
    """From the actual suspension to cancellation."""
    notice: Duration = timedelta(days=1)
    """How long before each of the two the notice goes out."""
    credit_due_after: Duration = timedelta(days=30)
    """Due date of a credit invoice that names none: contract start plus this."""
