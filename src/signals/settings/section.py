"""What every section of the settings file shares."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class Section(BaseModel):
    """A part of the file; frozen, and closed: a misspelt name is an error, not a default that stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_its_default(cls, data: object) -> object:
        """Let ``kafka:`` with everything under it commented out mean the defaults, not a null."""
        if not isinstance(data, dict):
            return data
        sections = {name for name, info in cls.model_fields.items() if isinstance(info.default, Section)}
        return {name: value for name, value in data.items() if value is not None or name not in sections}
