"""Closed sets of reasons; each is a metric label and part of a message, so a change is a CHANGE in the changelog."""

from enum import StrEnum


class DeadReason(StrEnum):
    """Why a record went to the dead letter topic."""

    UNDECODABLE = "undecodable"
    """Not JSON, or not UTF-8."""
    UNKNOWN_KIND = "unknown_kind"
    """An event kind we do not have."""
    INVALID = "invalid"
    """A field is missing, of the wrong type or out of range."""
    WRONG_TOPIC = "wrong_topic"
    """A known kind on an input topic that does not carry it."""
    MISSING_KEY = "missing_key"
    WRONG_PARTITION = "wrong_partition"
    """The key does not belong on the partition it came on."""
    FOREIGN_ACCOUNT = "foreign_account"
    """The payload names another organization than the key."""
    FUTURE = "future"
    """Event time is later than its arrival plus the tolerated skew."""
    TOO_LATE = "too_late"
    """Event time is further behind the account's clock than the admission window."""
    TOO_LARGE = "too_large"
    NO_ORGANIZATION = "no_organization"
    """A foreign payload from which no organization can be read."""
    FAILED = "failed"
    """Our own code raised on it: a bug; the message says where."""
    UNDELIVERABLE = "undeliverable"
    """A sink refused a delivery for good."""


class HeldReason(StrEnum):
    """Why a finding was not delivered; reads as the end of "held because ..."."""

    DUPLICATE = "duplicate"
    COOLDOWN = "cooldown"
    GROUPED = "grouped"
    GUARDED = "guarded"
    SNOOZED = "snoozed"
    QUIET_HOURS = "quiet_hours"
    BUDGET = "budget"
    SHADOW = "shadow"
    STALE = "stale"


class FailReason(StrEnum):
    """Why a sink failed."""

    RATE_LIMITED = "rate_limited"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    TOO_LARGE = "too_large"
    OTHER = "other"


class ChartOutcome(StrEnum):
    """What became of the chart of a card."""

    UPLOADED = "uploaded"
    FAILED = "failed"
    """The card went without it, or with the one it had."""
    REFUSED = "refused"
    """Uploaded, and not taken on the card yet: the next edit shows it."""


class SkipReason(StrEnum):
    """Why a delivery needed no call to its sink."""

    REPEAT = "repeat"
    """Its ``seq`` is not above the last one delivered to that destination."""
    COALESCED = "coalesced"
    """A later step of its signal was waiting already, and shows the newer state."""
    FOLDED = "folded"
    """It was stale and went into a digest, or came and went before anybody could see it."""
    IN_DIGEST = "in_digest"
    """Its signal was shown in a digest only, and this step is no news that needs a card of its own."""
    NEVER_SENT = "never_sent"
    """It takes back what never arrived there."""


class Change(StrEnum):
    """What a transition does to a signal."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class ResolvedBecause(StrEnum):
    """Why a signal was resolved."""

    CLEARED = "cleared"
    EXPIRED = "expired"
    """A moment (edge) whose time is over."""
    CLOSED_BY_PERSON = "closed_by_person"
    RULE_OFF = "rule_off"
    GONE = "gone"
    """Its subject (invoice, person, opportunity) no longer exists."""
    ERASED = "erased"
    """The account was erased on request: readers forget the signal and everything they keep of it."""


class Severity(StrEnum):
    """How soon somebody should look; ordered by ``SEVERITY_RANK``."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


SEVERITY_RANK: dict[str, int] = {severity.value: rank for rank, severity in enumerate(Severity)}


class FamilyName(StrEnum):
    """Families of signals, as in the handbook's index."""

    CROSS_SELL = "cross_sell"
    EXPANSION = "expansion"
    CHURN_RISK = "churn_risk"
    SPIKE = "spike"
    CREDIT_RUNWAY = "credit_runway"
    PAYMENT = "payment"
    LEAD = "lead"
    ADOPTION = "adoption"
    IMPLEMENTATION_HEALTH = "implementation_health"
    LIFECYCLE = "lifecycle"
    SEGMENT = "segment"
    TEAM_HEALTH = "team_health"
    OTHER = "other"
