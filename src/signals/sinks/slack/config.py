"""Configuration of the Slack sink. The token comes from the environment and is never shown."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from signals.sinks.http_calls import require_https


class SlackConfig(BaseModel):
    """Where and how cards are posted.

    The app needs the scopes ``chat:write``, and for ``find_posted`` ``channels:history`` (``groups:history`` for
    private channels); ``channels:read`` only when a destination has no id in ``channels``; ``files:write`` for
    ``charts``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr | None = None
    """Bot token (``xoxb-``). Without one the cards go to the terminal."""
    channels: dict[str, str] = {}
    """Destination of the routes to channel id (``C0123``) or name; one that is not listed is used as it is."""
    users: dict[str, str] = {}
    """Owner id, role or fallback to Slack user id (``U0123``) or user group (``S0123``). Who is not listed is named,
    not tagged."""
    base_url: str = "https://slack.com/api/"
    timeout: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0))
    """For one call. Shorter cuts slow successes in half and looks them up again; longer holds a partition up."""
    find_posted: bool = True
    """After a possible repeat look for the card in the channel before posting it."""
    find_within: timedelta = Field(default=timedelta(days=1), gt=timedelta(0))
    """How far back that look goes, on Slack's clock."""

    post_every: timedelta = Field(default=timedelta(seconds=1), gt=timedelta(0))
    """Slack allows about one message a second and channel (https://docs.slack.dev/apis/web-api/rate-limits); faster
    gets 429, and bursts that go on can disable the app."""
    charts: bool = True
    """Draw the series that is the evidence of a card."""
    upload_within: timedelta = Field(default=timedelta(seconds=10), gt=timedelta(0))
    """A card waits no longer for its chart, and goes without it."""
    see_all: str = ""
    """Address behind the button of a digest; empty: no button."""

    @field_validator("users")
    @classmethod
    def _slack_ids(cls, users: dict[str, str]) -> dict[str, str]:
        for owner, user in users.items():
            if not (user[:1] in ("U", "W", "S") and user.isascii() and user.isalnum() and user.isupper()):
                raise ValueError(f"{owner}: a Slack user or group id such as U0123ABCD is needed, got {user!r}")
        return users

    @field_validator("base_url")
    @classmethod
    def _https_or_loopback(cls, url: str) -> str:
        return require_https(url).rstrip("/") + "/"
