"""Calendar months as the sources of refresher rules mean them: the same day of the month, or its last day."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on; the month's last day where it is shorter.

    31 August and six months is 28 February, or 29 February in a leap year; 29 February and a year is 28 February.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
