"""What can be configured: every setting with its type, default, unit and reason. Unknown names are errors."""

from datetime import timedelta
from decimal import Decimal
from string import Formatter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, SecretStr, model_validator

from signals.domain.events.kinds import InputTopic
from signals.domain.reasons import FamilyName
from signals.settings.alarms import CanarySettings, WatchdogSettings
from signals.settings.assignment import AssignmentSettings, ReportSettings
from signals.settings.catch_up import CatchUpSettings
from signals.settings.durations import Duration
from signals.settings.guards import GuardSettings, PaymentSettings
from signals.settings.prices import PriceSettings
from signals.settings.section import Section, Word
from signals.settings.text import TextSettings

Format = Literal["canonical", "posthog", "stripe"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone; valid: an IANA name such as Europe/Berlin or UTC") from error
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


def host_ports(text: str) -> str:
    """Return *text* when it names brokers; raise, without repeating it, when it is something else.

    Raises
    ------
    ValueError
        Not ``host:port``, with commas between several.
    """
    for server in text.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal() or any(char in host for char in "@/ "):
            raise ValueError("not a list of brokers; valid: host:port, several with commas, without user or password")
    return text


Servers = Annotated[Word, AfterValidator(host_ports)]


def _without_user(url: str) -> str:
    """Return *url*; raise when it carries a user or password, without repeating them."""
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValueError("an address must not hold a user or password; valid: the address alone")
    return url


Address = Annotated[Word, AfterValidator(_without_user)]


class KafkaSettings(Section):
    """Which broker, and how our topics are called on it."""

    bootstrap: Servers | None = None
    """``host:port`` (several with commas). None: a broker of our own, in memory, in a child process."""
    prefix: Annotated[str, Field(max_length=80, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    """Put before every topic and group name, so that several installations share a broker."""
    partitions: Annotated[int, Field(ge=1, le=512)] = 8
    """Of every account topic; chosen for life: another count moves accounts to other partitions."""
    replication: Annotated[int, Field(ge=1, le=7)] = 3
    """Copies of each partition, used when topics are created. 1 for a single broker."""
    min_insync: Annotated[int, Field(ge=1, le=7)] | None = None
    """Copies that must have a record before it is acknowledged, used when topics are created. None: all but one, so
    that one broker may be away."""
    epoch: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """Raise it by one whenever an input topic was recreated or restored: offsets then start again."""
    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    """How clients reach the brokers: with or without TLS, with or without a user."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_user: Word | None = None
    """None: SIGNALS_KAFKA_USER. The password only ever comes from SIGNALS_KAFKA_PASSWORD."""
    ca_file: Word | None = None
    """PEM file with the brokers' certificate authority, relative to this file; None: the system's."""
    cert_file: Word | None = None
    """PEM file with our own certificate, for brokers that ask for one."""
    key_file: Word | None = None
    """PEM file with its key; None: it is in ``cert_file``. SIGNALS_KAFKA_KEY_PASSWORD opens an encrypted one."""

    @property
    def copies_needed(self) -> int:
        """Return ``min_insync``, or what it defaults to.

        >>> [KafkaSettings(replication=copies).copies_needed for copies in (1, 2, 3, 5)]
        [1, 1, 2, 4]
        """
        return self.min_insync if self.min_insync is not None else max(1, self.replication - 1)

    @model_validator(mode="after")
    def _copies_suffice(self) -> "KafkaSettings":
        if self.min_insync is not None and self.min_insync > self.replication:
            raise ValueError(f"min_insync {self.min_insync} is more than replication {self.replication}")
        return self

    @model_validator(mode="after")
    def _security_is_complete(self) -> "KafkaSettings":
        sasl, tls = self.security.startswith("sasl"), self.security.endswith("ssl")
        if sasl and self.sasl_mechanism is None:
            raise ValueError(f"security {self.security} needs sasl_mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
        for name, wanted, valid in (
            ("sasl_mechanism", sasl, "sasl_plaintext or sasl_ssl"),
            ("sasl_user", sasl, "sasl_plaintext or sasl_ssl"),
            ("ca_file", tls, "ssl or sasl_ssl"),
            ("cert_file", tls, "ssl or sasl_ssl"),
            ("key_file", tls, "ssl or sasl_ssl"),
        ):
            if getattr(self, name) is not None and not wanted:
                raise ValueError(f"{name} means nothing with security {self.security}; valid: {valid}")
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file without cert_file; valid: both, or cert_file with the key in it")
        if self.bootstrap is None and self.security != "plaintext":
            raise ValueError("the embedded broker has no security; set bootstrap or leave security out")
        return self


class TimeSettings(Section):
    """Where time comes from and how late is too late."""

    source: Literal["wall", "input"] = "wall"
    """``input`` for histories (demo, tests, backfills): time moves only with the records."""
    zone: Zone = "UTC"
    """The business zone: what a calendar day is."""
    merge_wait: Duration = timedelta(milliseconds=250)
    """Live records wait this long for others in flight; each card is later by it."""
    flush: Duration = timedelta(milliseconds=100)
    """Events of one account that arrive within it become one update: fewer and larger messages, later cards."""
    admission_window: Duration = timedelta(days=7)
    """Events further behind the account's clock are dead letters (too_late); moments are remembered this long."""
    future_skew: Duration = timedelta(minutes=5)
    """An event may be dated this far after its own arrival; beyond it is a dead letter (future)."""


class DetectSettings(Section):
    """How detect workers share the accounts, and what happens when one of them dies."""

    session: Duration = timedelta(seconds=10)
    """A worker that gives no sign of life for so long loses its partitions to the others; Kafka allows 6 s and more."""
    standbys: Annotated[int, Field(ge=0, le=3)] = 0
    """Copies of each account kept on other workers: they take over in seconds, for as much memory again each."""

    @model_validator(mode="after")
    def _session_is_one(self) -> "DetectSettings":
        if not timedelta(seconds=6) <= self.session <= timedelta(minutes=1):
            raise ValueError(f"session must lie between 6s and 1m, got {self.session.total_seconds():g}s")
        return self


class PosthogSource(Section):
    """How PostHog payloads are read."""

    group_type: Word = "organization"
    """The group type whose key is the organization id."""
    actions: dict[Word, Word] = {}
    """Event name -> action name in our events, for further events worth counting; others are skipped."""
    trust_key: bool = False
    """Take the record's key for the organization when the body names none."""


class StripeSource(Section):
    """How Stripe payloads are read."""

    org_metadata: tuple[Word, ...] = ("posthog_organization_id", "organization_id")
    """Metadata keys that hold the organization id, first match wins."""
    rates: dict[Annotated[str, Field(pattern=r"^[a-z]{3}$")], Annotated[Decimal, Field(gt=0)]] = {}
    """US dollars per unit of another currency; an amount in a currency not listed is a dead letter."""
    products: dict[Word, Word] = {}
    """Stripe product or price id -> our product key, where metadata does not say it."""
    trust_key: bool = False
    """Take the record's key for the organization when no metadata names one."""
    ignore_test_mode: bool = False
    """Pass over events with ``livemode`` false."""


class InputSettings(Section):
    """Which format each input topic carries."""

    usage: Format = "canonical"
    billing: Format = "canonical"
    crm: Format = "canonical"
    feedback: Literal["canonical"] = "canonical"
    posthog: PosthogSource = PosthogSource()
    stripe: StripeSource = StripeSource()

    def format_of(self, topic: InputTopic) -> Format:
        """Return the payload format of an input topic."""
        formats: dict[InputTopic, Format] = {
            "usage": self.usage, "billing": self.billing, "crm": self.crm, "feedback": self.feedback,
            "broadcast": "canonical",
        }  # fmt: skip
        return formats[topic]


class RoutingSettings(Section):
    """Who hears of what, and where."""

    channels: dict[FamilyName, Word] = {FamilyName.LEAD: "sales-leads", FamilyName.CHURN_RISK: "customer-churn"}
    """Slack channel per family; a family not listed goes to ``default_channel``. A rule may name its own."""
    default_channel: Word = "sales-alerts"
    fallback_owner: Word = "revops"
    """Stands in when an account has no owner; such signals are delivered and counted."""
    unmanaged: dict[FamilyName, Word] = {
        FamilyName.PAYMENT: "sales_lead",
        FamilyName.CREDIT_RUNWAY: "sales_lead",
        FamilyName.CHURN_RISK: "cs_lead",
    }
    """Role that stands in for an account without an owner, before ``fallback_owner`` (catalogue 12.3)."""
    roles: dict[Word, Word] = {}
    """Role in a rule pack (sales_lead, cs_lead, ...) -> the person who has it now, as under ``people``."""
    people: dict[Word, Annotated[str, Field(pattern=r"^[UWS][A-Z0-9]{5,}$")]] = {}
    """Owner or role -> Slack user id (or group id, S...), for tagging."""
    names: dict[Word, Word] = {}
    """Owner or role -> the name people know."""
    crm: bool = True
    """Send deliveries to the CRM sink."""
    webhook: bool = False
    """Send deliveries to the webhook sink; needs ``sinks.webhook.url``."""


def _fields_only(template: str, known: frozenset[str]) -> str:
    """Return *template*; raise when it holds another placeholder than those known."""
    try:
        found = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise ValueError(f"{template!r}: {error}") from None
    if not found <= known:
        valid = ", ".join(f"{{{name}}}" for name in sorted(known))
        raise ValueError(f"{template!r} holds {{{', '.join(sorted(found - known))}}}; valid: {valid}")
    return template


_ACCOUNT_FIELDS = frozenset({"org_id", "crm_url", "usage_url"})
_WHY_FIELDS = frozenset({"signal_id", "rule", "org_id"})
AccountLink = Annotated[Address, AfterValidator(lambda template: _fields_only(template, _ACCOUNT_FIELDS))]
WhyLink = Annotated[Address, AfterValidator(lambda template: _fields_only(template, _WHY_FIELDS))]


class LinkSettings(Section):
    """Templates of the links on a card; one whose placeholder is not known for an account gives no link."""

    crm: AccountLink = "{crm_url}"
    """Default: what the CRM event of the account said."""
    usage: AccountLink = "{usage_url}"
    why: WhyLink | None = None
    """Behind *why am I seeing this*; without it the command that explains the signal is shown."""


Sensitive = Literal["personal", "free_text"]


class PrivacySettings(Section):
    """Which sensitive fields of our events (docs/events.md) may leave, and where to; all others always may.

    ``personal``: ids and titles of people at the customer, pages they opened. ``free_text``: what somebody typed.
    What is not allowed is stood in for: a person by role, a key by a pseudonym.
    """

    topics: tuple[Sensitive, ...] = ()
    """On signal-events, signal-state and suppressions."""
    slack: tuple[Sensitive, ...] = ()
    """On cards, and so on deliveries.slack."""
    crm: tuple[Sensitive, ...] = ()
    webhook: tuple[Sensitive, ...] = ()


class RuleSettings(Section):
    """Rule packs beside those that come with the package; they may also override rules of those."""

    folders: tuple[Word, ...] = ()
    """Folders with your own packs (*.yaml), relative to this file."""


class TerminalSettings(Section):
    """Cards in the terminal, when there is no Slack token."""

    cards: Literal["all", "first_of_rule"] = "all"
    """``first_of_rule``: a rule's first card whole, its later ones as one line each."""


class SlackSettings(Section):
    """Cards in Slack; used when SIGNALS_SLACK_TOKEN is set. Without it the same cards go to the terminal."""

    base_url: Address = "https://slack.com/api/"
    channel_ids: dict[Word, Word] = {}
    """Channel name as in ``routing`` -> channel id (C...); saves the look-up by name and its scope."""
    emoji: dict[FamilyName, Word] | None = None
    """One per family; None: ours; ``{}``: none."""
    post_every: Duration = timedelta(seconds=1)
    """Between posts or edits in one channel, after three at once: Slack's limit. Of each worker: with two, take 2s."""
    charts: bool = True
    """Upload a picture of the series that is a card's evidence; needs the scope files:write."""


class HubspotSettings(Section):
    """Companies and tasks in HubSpot; used when SIGNALS_HUBSPOT_TOKEN is set."""

    base_url: Address = "https://api.hubapi.com"
    org_property: Word = "posthog_organization_id"
    """Company property with unique values that holds the organization id."""
    task_property: Word = "signals_signal_id"
    """Task property with unique values that holds the signal id; without unique ones a crash may make a task twice."""
    owners: dict[Word, Annotated[str, Field(pattern=r"^\d+$")]] = {}
    """Owner as in our events -> HubSpot owner id."""


class WebhookSettings(Section):
    """Signed JSON to any address; used when ``url`` is set. SIGNALS_WEBHOOK_SECRET signs."""

    url: SecretStr | None = None
    """https, or http to this machine. Never shown, because receivers put tokens into addresses."""


class SinkSettings(Section):
    """The services that are told about signals."""

    terminal: TerminalSettings = TerminalSettings()
    slack: SlackSettings = SlackSettings()
    hubspot: HubspotSettings = HubspotSettings()
    webhook: WebhookSettings = WebhookSettings()


class HttpSettings(Section):
    """Where /metrics, /healthz and /readyz are served. There is no authentication: leave it on loopback."""

    host: Word = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Of ``signals up`` and of a single worker; 0 takes any free port and prints it."""


class LogSettings(Section):
    """One line per record on standard error."""

    style: Literal["human", "json"] = "human"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Section):
    """The whole file ``signals.yaml``; an empty file is valid and means the embedded default."""

    kafka: KafkaSettings = KafkaSettings()
    time: TimeSettings = TimeSettings()
    detect: DetectSettings = DetectSettings()
    inputs: InputSettings = InputSettings()
    routing: RoutingSettings = RoutingSettings()
    assignment: AssignmentSettings = AssignmentSettings()
    report: ReportSettings = ReportSettings()
    links: LinkSettings = LinkSettings()
    privacy: PrivacySettings = PrivacySettings()
    guards: GuardSettings = GuardSettings()
    payment: PaymentSettings = PaymentSettings()
    prices: PriceSettings = PriceSettings()
    rules: RuleSettings = RuleSettings()
    text: TextSettings = TextSettings()
    sinks: SinkSettings = SinkSettings()
    catch_up: CatchUpSettings = CatchUpSettings()
    http: HttpSettings = HttpSettings()
    logging: LogSettings = LogSettings()
    watchdogs: WatchdogSettings = WatchdogSettings()
    canary: CanarySettings = CanarySettings()

    @model_validator(mode="after")
    def _canary_lives_now(self) -> "Settings":
        if self.canary.every is not None and self.time.source != "wall":
            raise ValueError("canary.every needs time.source wall: in a history its events would be of the future")
        if self.canary.every is not None and self.canary.sink == "webhook" and self.sinks.webhook.url is None:
            raise ValueError("canary.sink webhook needs sinks.webhook.url")
        return self
