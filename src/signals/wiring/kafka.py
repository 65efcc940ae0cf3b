"""Settings and secrets -> what a Kafka client is told, the same for aiokafka everywhere."""

import ssl
from zoneinfo import ZoneInfo

from signals.domain.errors import ConfigError
from signals.domain.events.kinds import INPUT_TOPICS, InputTopic
from signals.ingest.decode import DecodeLimits, RecordDecoder
from signals.ingest.sources.contract import Source
from signals.ingest.sources.posthog import PosthogSource
from signals.ingest.sources.stripe import StripeSource
from signals.settings.load import BOOTSTRAP_VARIABLE, Configuration
from signals.settings.model import Settings
from signals.streams.access import knock


def bootstrap_of(configuration: Configuration) -> str:
    """Return the address of the broker.

    Raises
    ------
    ConfigError
        None is configured: only ``signals up`` and ``signals demo`` start one of their own.
    """
    if configuration.settings.kafka.bootstrap is None:
        raise ConfigError(
            f"{configuration.file or 'settings'} kafka.bootstrap",
            "no broker",
            f"host:port, or {BOOTSTRAP_VARIABLE}=host:port (`signals up` prints the address of its own)",
        )
    return configuration.settings.kafka.bootstrap


def client_of(configuration: Configuration) -> dict[str, object]:
    """Return aiokafka's settings for security, the same for every client of every role; empty for plaintext.

    Raises
    ------
    ConfigError
        A certificate or key cannot be read, or the key's password is wrong.
    """
    kafka, secrets = configuration.settings.kafka, configuration.secrets
    if kafka.security == "plaintext":
        return {}
    client: dict[str, object] = {"security_protocol": kafka.security.upper()}
    if kafka.security.endswith("ssl"):
        client["ssl_context"] = _tls(configuration)
    if kafka.security.startswith("sasl"):
        client |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": kafka.sasl_user or secrets.kafka_user,
            "sasl_plain_password": secrets.kafka_password,
        }
    return client


def _tls(configuration: Configuration) -> ssl.SSLContext:
    kafka, folder = configuration.settings.kafka, configuration.folder
    try:
        context = ssl.create_default_context(cafile=folder / kafka.ca_file if kafka.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(configuration.where("kafka", "ca_file"), _why(error), "a readable PEM file") from None
    if kafka.cert_file is not None:
        key = folder / kafka.key_file if kafka.key_file else None
        password = configuration.secrets.kafka_key_password
        try:
            # An empty password instead of none: openssl would ask for it on the terminal.
            context.load_cert_chain(folder / kafka.cert_file, key, password or "")
        except (OSError, ssl.SSLError) as error:
            setting = "key_file" if kafka.key_file else "cert_file"
            valid = "PEM files of a certificate and its key; for an encrypted key SIGNALS_KAFKA_KEY_PASSWORD"
            raise ConfigError(configuration.where("kafka", setting), _why(error), valid) from None
    return context


def _why(error: OSError) -> str:
    """Return the reason without the file's name, which the setting has, and without openssl's line numbers."""
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "not PEM").replace("_", " ").lower()
        return f"cannot be used: {reason}"
    return f"cannot be read: {error.strerror or error}"


async def require_access(configuration: Configuration) -> None:
    """Knock at the brokers once, as every client will, and say what is wrong with our credentials or theirs.

    A broker that cannot be reached at all is no fault of the settings, and none is raised: clients wait and retry.

    Raises
    ------
    ConfigError
        A broker's certificate is not trusted, it speaks no TLS, or it refuses the user, password or mechanism.
    """
    refusal = await knock(bootstrap_of(configuration), client_of(configuration))
    if refusal is None:
        return
    setting, valid = {
        "certificate": ("ca_file", "the authority that signed the brokers' certificates, for the host names they have"),
        "no_tls": ("security", "plaintext or sasl_plaintext, or the brokers' TLS port"),
        "client_certificate": ("cert_file", "a certificate that the brokers trust"),
        "mechanism": ("sasl_mechanism", "a mechanism the brokers have switched on"),
        "credentials": ("security", "a user of the brokers, and SIGNALS_KAFKA_PASSWORD in the environment"),
    }[refusal.what]
    raise ConfigError(configuration.where("kafka", setting), f"{refusal.server}: {refusal.message}", valid)


def sources_of(settings: Settings) -> dict[InputTopic, Source]:
    """Return the reader of each input topic's format; canonical topics are left out."""
    inputs = settings.inputs
    posthog, stripe = inputs.posthog, inputs.stripe
    readers: dict[str, Source] = {
        "posthog": PosthogSource(
            group_type=posthog.group_type, actions=dict(posthog.actions), trust_key=posthog.trust_key
        ),
        "stripe": StripeSource(
            org_metadata=stripe.org_metadata,
            rates=dict(stripe.rates),
            products=dict(stripe.products),
            zone=ZoneInfo(settings.time.zone),
            trust_key=stripe.trust_key,
            ignore_test_mode=stripe.ignore_test_mode,
        ),
    }
    return {topic: readers[inputs.format_of(topic)] for topic in INPUT_TOPICS if inputs.format_of(topic) in readers}


def decoder_of(configuration: Configuration) -> RecordDecoder:
    """Return the decoder of the configured input formats, as ingest uses it."""
    settings = configuration.settings
    limits = DecodeLimits(future_skew=settings.time.future_skew)
    return RecordDecoder(settings.kafka.partitions, sources_of(settings), limits)
