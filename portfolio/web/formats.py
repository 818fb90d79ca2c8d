"""How dates, waits and sizes are written on screen. Given to every template as filters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def date_words(value: date | datetime | None) -> str:
    """18 November 2026, in London's calendar; an en dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(LONDON).date()
    return f"{value.day} {value:%B %Y}"


def moment_words(value: datetime | None) -> str:
    """18 November 2026 at 14:05, London time."""
    if value is None:
        return "–"
    local = value.astimezone(LONDON)
    return f"{local.day} {local:%B %Y} at {local:%H:%M}"


def clock_words(value: datetime) -> str:
    """14:05, London time."""
    return f"{value.astimezone(LONDON):%H:%M}"


def wait_words(since: datetime | None, now: datetime) -> str:
    """How long ago, as people say it: today, 1 day, 12 days."""
    if since is None:
        return "–"
    days = (now.astimezone(LONDON).date() - since.astimezone(LONDON).date()).days
    if days <= 0:
        return "today"
    return "1 day" if days == 1 else f"{days} days"


def size_words(size: int) -> str:
    """Bytes as people read them: 640 bytes, 12 KB, 2.1 MB."""
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{size / 1000:.0f} KB"
    if size < 1_000_000_000:
        return f"{size / 1_000_000:.1f} MB"
    return f"{size / 1_000_000_000:.2f} GB"


def count_words(number: int, one: str, many: str = "") -> str:
    """1 piece, 2 pieces."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def list_words(parts: list[str] | tuple[str, ...]) -> str:
    """a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def initials(name: str) -> str:
    """MM for Marek Mason: the round mark beside a comment."""
    words = [word for word in name.split() if word]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def utc_now() -> datetime:
    """The only place where the clock is read for a request; tests move it with time-machine."""
    return datetime.now(UTC)


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()
