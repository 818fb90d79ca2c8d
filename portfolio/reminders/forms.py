"""The form of one's own reminders."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from portfolio.reminders.rules import Line
from portfolio.web.forms import Form, Tick

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_CHOICES = [(str(number), name) for number, name in enumerate(WEEKDAYS, start=1)]


class Reminders(Form):
    weekly: Tick = False
    lines: list[Line] = Field(default_factory=list)
    weekday: int

    @field_validator("weekday", mode="before")
    @classmethod
    def a_day(cls, value: Any) -> Any:
        if value not in [number for number, _ in DAY_CHOICES]:
            raise ValueError("Choose a day of the week.")
        return int(value)
