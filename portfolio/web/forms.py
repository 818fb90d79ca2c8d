"""Forms: what was typed, what is wrong with it, and the value if nothing is.

    Form = Annotated[Submitted[AddCohort], Depends(submitted(AddCohort))]

The form is the FIRST parameter of a route, before the guard: the body is read before a transaction begins,
so that a slow sender never holds the database. Routes with files use `uploads.submitted_with_files`.

A form model is a pydantic model; a field's mistake is a sentence (raise ValueError("Enter …") in a validator).
Repeated names become lists. Empty text stays "" and is not "missing".
"""

from __future__ import annotations

import re
import secrets
import typing
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from starlette.exceptions import HTTPException

BODY_LIMIT = 2_000_000
"""What the settings allow unless they say otherwise."""
FIELD_LIMIT = 4_000
Model = TypeVar("Model", bound=BaseModel)


class Form(BaseModel):
    """Base of all forms: unknown fields are ignored, so that nobody sets what is not on the page."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, validate_default=False)


@dataclass
class Submitted(Generic[Model]):
    """`value` is None while something is wrong; `typed` always holds what was typed, `errors` what to mend."""

    typed: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    value: Model | None = None
    found: dict[str, list[Any]] = field(default_factory=dict)
    """By field, what may identify somebody in it (portfolio.findings)."""

    def text(self, name: str, otherwise: str = "") -> str:
        """What was typed into one field."""
        values = self.typed.get(name)
        return values[0] if values else otherwise

    def all(self, name: str) -> list[str]:
        return self.typed.get(name, [])

    def has(self, name: str, value: str) -> bool:
        """Whether this box is ticked or this choice made."""
        return value in self.typed.get(name, ())

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def refuse(self, name: str, sentence: str) -> None:
        """A mistake that only the database or a rule could find. `name` "" puts it on top of the form."""
        self.errors[name] = sentence
        self.value = None


def filled(**values: Any) -> Submitted[Any]:
    """A form that shows what is stored: for the first view of an edit page."""
    typed: dict[str, list[str]] = {}
    for name, value in values.items():
        if isinstance(value, date):
            typed |= {
                f"{name}_day": [str(value.day)],
                f"{name}_month": [str(value.month)],
                f"{name}_year": [str(value.year)],
            }
        elif isinstance(value, list | tuple | set | frozenset):
            typed[name] = [str(part) for part in value]
        elif isinstance(value, bool):
            typed[name] = ["yes"] if value else []
        else:
            typed[name] = ["" if value is None else str(value)]
    return Submitted(typed=typed)


def empty() -> Submitted[Any]:
    return Submitted()


def new_form_key() -> str:
    """A random key for a form: sending it twice does the thing once."""
    return secrets.token_hex(16)


def submitted(model: type[Model]) -> Callable[[Request], Awaitable[Submitted[Model]]]:
    """A dependency that reads a form without files and checks it against the model."""

    async def read(request: Request) -> Submitted[Model]:
        typed = await read_fields(request)
        request.state.typed = typed  # so that an ended session can keep it
        return check(model, typed)

    return read


async def read_fields(request: Request) -> dict[str, list[str]]:
    """The fields of an urlencoded or multipart form, at most as much as the settings allow (2 MB). Files in it are
    not read here."""
    limit: int = request.app.state.settings.form_limit_bytes
    too_much = HTTPException(413, f"A form without files can hold {limit / 1_000_000:g} MB of text.")
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if int_or_zero(request.headers.get("content-length", "")) > limit:
        raise too_much
    if kind == "multipart/form-data":
        from portfolio.web.uploads import read_multipart  # the two modules need each other

        return (await read_multipart(request, into=None, limit=0, most=0, total=limit)).fields
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_much
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELD_LIMIT)
    except (UnicodeDecodeError, ValueError):
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(tidy(value))
    return fields


def tidy(value: str) -> str:
    """Line ends as \\n, and none of the control characters that nobody types and that HTML and PostgreSQL refuse."""
    return CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def int_or_zero(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def check(model: type[Model], typed: dict[str, list[str]]) -> Submitted[Model]:
    """Typed fields against a form model: its value, or a sentence for each mistake."""
    result: Submitted[Model] = Submitted(typed=typed)
    try:
        result.value = model.model_validate(_shaped(model, typed))
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0]) if problem["loc"] else ""
            result.errors.setdefault(name, _sentence(problem))
    return result


def _shaped(model: type[BaseModel], typed: dict[str, list[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if any(isinstance(mark, DateBoxes) for mark in info.metadata):
            values[name] = tuple(_first(typed, f"{name}_{part}") for part in ("day", "month", "year"))
        elif _is_list(info.annotation):
            values[name] = typed.get(name, [])
        elif name in typed:
            values[name] = typed[name][0]
        elif info.is_required():
            values[name] = ""
    return values


def _first(typed: dict[str, list[str]], name: str) -> str:
    values = typed.get(name)
    return values[0] if values else ""


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin in (typing.Union, UnionType):
        return any(_is_list(part) for part in get_args(annotation))
    return origin in (list, tuple, set, frozenset)


def _sentence(problem: Any) -> str:
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    return {
        "bool_parsing": "Choose yes or no.",
        "enum": "Choose one of the answers on the page.",
        "literal_error": "Choose one of the answers on the page.",
        "int_parsing": "Enter a whole number.",
        "uuid_parsing": "Choose one from the list.",
        "string_too_long": f"Use at most {problem.get('ctx', {}).get('max_length', 'fewer')} characters.",
        "string_too_short": "Enter something here.",
        "missing": "Enter something here.",
    }.get(problem["type"], "This could not be read. Check it and try again.")


class DateBoxes:
    """Marks a date field that is typed into three boxes: name_day, name_month, name_year."""


def _read_date(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    day, month, year = (part.strip() for part in value)
    if not (day or month or year):
        return None
    missing = [name for name, part in (("day", day), ("month", month), ("year", year)) if not part]
    if missing:
        raise ValueError(f"The date must include a {' and a '.join(missing)}.")
    try:
        return date(int(year), _month(month), int(day))
    except (ValueError, OverflowError):
        raise ValueError("Enter a real date, for example 18 11 2026.") from None


def _month(text: str) -> int:
    names = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    return names.index(text[:3].lower()) + 1 if text[:3].lower() in names else int(text)


def _reasonable(value: date | None) -> date | None:
    if value is not None and not 1900 <= value.year <= 2100:
        raise ValueError("Enter a year with four digits, for example 2026.")
    return value


def _required_date(value: date | None) -> date | None:
    if value is None:
        raise ValueError("Enter a date.")
    return value


def _not_blank(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("Enter something here.")
    return value


def _tick(value: Any) -> Any:
    return value in ("yes", "on", "true", True, "1")


OptionalDate = Annotated[date | None, DateBoxes(), BeforeValidator(_reasonable), BeforeValidator(_read_date)]
RequiredDate = Annotated[
    date,
    DateBoxes(),
    BeforeValidator(_required_date),
    BeforeValidator(_reasonable),
    BeforeValidator(_read_date),
]
"""Typed into three boxes; None when all are empty."""
Text = Annotated[str, BeforeValidator(_not_blank)]
"""Text that must not be blank."""
Tick = Annotated[bool, BeforeValidator(_tick)]
"""A checkbox with value="yes"."""


@contextmanager
def problems_on(form: Submitted[Any], name: str = "") -> Iterator[None]:
    """Turn a rule's refusal into a mistake on the form, so that what was typed stays on the page."""
    from portfolio.refusals import Refused

    try:
        yield
    except Refused as refusal:
        form.refuse(name, refusal.reason)
