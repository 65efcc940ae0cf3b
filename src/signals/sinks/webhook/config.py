"""Configuration of the webhook sink: a name, an address and a secret for each receiver."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from signals.sinks.http_calls import require_https


class Endpoint(BaseModel):
    """One receiver."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr
    """Hidden like the secret, because receivers put tokens into addresses. https, or http to this machine."""
    secret: SecretStr
    """Shared with the receiver, at least 16 characters."""
    previous_secret: SecretStr | None = None
    """While a secret is being changed both sign, so that the receiver can change over at any time."""

    @field_validator("url")
    @classmethod
    def _https_or_loopback(cls, url: SecretStr) -> SecretStr:
        require_https(url.get_secret_value())
        return url

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return secret


class WebhookConfig(BaseModel):
    """All receivers, by the name that routes use as destination."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoints: dict[str, Endpoint] = {}
    timeout: timedelta = Field(default=timedelta(seconds=10), gt=timedelta(0))
