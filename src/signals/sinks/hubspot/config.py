"""Configuration of the HubSpot sink. The token comes from the environment and is never shown."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from signals.sinks.http_calls import require_https


class HubspotConfig(BaseModel):
    """Where and how companies and tasks are written.

    The private app needs ``crm.objects.companies.read`` and ``.write`` (tasks are covered by them). Two text
    properties must exist in HubSpot, both with unique values: ``company_id_property`` on companies and
    ``task_reference_property`` on tasks. (The latter works without unique values too, but then a crash may make a task
    twice.)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr | None = None
    """Private app token. Without one the writes are shown in the terminal."""
    base_url: str = "https://api.hubapi.com"
    objects_path: str = "/crm/v3/objects"
    """HubSpot also serves the same shapes under dated paths such as ``/crm/objects/2026-09``."""
    company_id_property: str = Field(default="posthog_organization_id", min_length=1)
    task_reference_property: str = Field(default="signals_signal_id", min_length=1)
    task_association_type: int = 192
    """Task to company, as HubSpot defines it."""
    owners: dict[str, str] = {}
    """Owner id, role or fallback to HubSpot owner id; who is not listed leaves the task unassigned."""
    timeout: timedelta = Field(default=timedelta(seconds=20), gt=timedelta(0))

    @field_validator("base_url")
    @classmethod
    def _https_or_loopback(cls, url: str) -> str:
        return require_https(url).rstrip("/")

    @field_validator("objects_path")
    @classmethod
    def _absolute(cls, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError(f"must start with /, got {path!r}")
        return path.rstrip("/")
