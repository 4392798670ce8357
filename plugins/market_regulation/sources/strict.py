"""What all parts of a contract have in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Base of all contract parts: unknown keys and wrong types are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
