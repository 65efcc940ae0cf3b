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
    """Return aiokafka's settings for security; empty for a plaintext broker.

    Raises
    ------
    ConfigError
        The authority's file cannot be read.
    """
    kafka, secrets = configuration.settings.kafka, configuration.secrets
    if kafka.security == "plaintext":
        return {}
    client: dict[str, object] = {"security_protocol": kafka.security.upper()}
    if kafka.security.endswith("ssl"):
        try:
            client["ssl_context"] = ssl.create_default_context(cafile=kafka.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"{configuration.file} kafka.ca_file", str(error), "a readable PEM file") from None
    if kafka.security.startswith("sasl"):
        client |= {
            "sasl_mechanism": kafka.sasl_mechanism,
            "sasl_plain_username": secrets.kafka_user,
            "sasl_plain_password": secrets.kafka_password,
        }
    return client


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
