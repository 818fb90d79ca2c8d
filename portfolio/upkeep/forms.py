"""The forms of the admin's pages."""

from __future__ import annotations

from pydantic import BaseModel, Field


class OneKind(BaseModel):
    """Which kind of job."""

    kind: str = Field(min_length=1, max_length=40)
