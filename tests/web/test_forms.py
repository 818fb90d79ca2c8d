"""Forms: dates in three boxes, shapes of fields, limits, and bodies that mean harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum

import pytest

from portfolio.refusals import Refused
from portfolio.web.forms import (
    BODY_LIMIT,
    FIELD_LIMIT,
    Form,
    OptionalDate,
    RequiredDate,
    Submitted,
    Text,
    Tick,
    check,
    empty,
    filled,
    int_or_zero,
    new_form_key,
    problems_on,
    tidy,
)
from tests.client import Browser


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Example(Form):
    title: Text
    note: str = ""
    on: OptionalDate = None
    items: list[str] = []  # noqa: RUF012
    colour: Colour = Colour.RED
    sure: Tick = False
    number: int = 0


class Dated(Form):
    on: RequiredDate


def dated(day: str, month: str, year: str) -> Submitted[Dated]:
    return check(Dated, {"on_day": [day], "on_month": [month], "on_year": [year]})


@pytest.mark.parametrize(
    ("boxes", "value"),
    [
        (("18", "11", "2026"), date(2026, 11, 18)),
        (("1", "2", "2026"), date(2026, 2, 1)),
        ((" 01 ", " 02 ", " 2026 "), date(2026, 2, 1)),
        (("29", "2", "2024"), date(2024, 2, 29)),
        (("18", "Nov", "2026"), date(2026, 11, 18)),
        (("18", "november", "2026"), date(2026, 11, 18)),
        (("31", "12", "1900"), date(1900, 12, 31)),
    ],
)
def test_a_date_in_three_boxes(boxes: tuple[str, str, str], value: date) -> None:
    form = dated(*boxes)
    assert form.errors == {}
    assert form.value is not None
    assert form.value.on == value


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        (("", "", ""), "Enter a date."),
        (("18", "", "2026"), "The date must include a month."),
        (("", "", "2026"), "The date must include a day and a month."),
        (("31", "2", "2026"), "Enter a real date"),
        (("29", "2", "2026"), "Enter a real date"),
        (("0", "1", "2026"), "Enter a real date"),
        (("1", "13", "2026"), "Enter a real date"),
        (("x", "y", "z"), "Enter a real date"),
        (("1", "1", "26"), "four digits"),
        (("1", "1", "20026"), "Enter a real date"),
        (("1", "1", "-2026"), "Enter a real date"),
        (("1", "1", "9999"), "four digits"),
        (("9" * 5000, "1", "2026"), "Enter a real date"),
        (("<b>", "1", "2026"), "Enter a real date"),
    ],
)
def test_a_date_that_is_none_is_refused_in_words_and_stays_typed(
    boxes: tuple[str, str, str], sentence: str
) -> None:
    form = dated(*boxes)
    assert form.value is None
    assert sentence in form.error("on")
    assert tuple(form.text(f"on_{part}") for part in ("day", "month", "year")) == boxes


def test_an_optional_date_may_be_empty_but_not_half() -> None:
    whole = check(Example, {"title": ["a"]})
    assert whole.value is not None
    assert whole.value.on is None
    assert "include" in check(Example, {"title": ["a"], "on_day": ["3"]}).error("on")


def test_fields_take_the_shape_of_the_model() -> None:
    form = check(
        Example,
        {
            "title": ["  K7  ", "second"],
            "items": ["K2", "K10"],
            "colour": ["blue"],
            "sure": ["yes"],
            "number": ["7"],
            "provider_id": ["from outside"],
        },
    )
    assert form.value is not None
    assert form.value.model_dump() == {
        "title": "K7",
        "note": "",
        "on": None,
        "items": ["K2", "K10"],
        "colour": Colour.BLUE,
        "sure": True,
        "number": 7,
    }
    assert form.all("title") == ["  K7  ", "second"]


@pytest.mark.parametrize(
    ("typed", "name", "sentence"),
    [
        ({}, "title", "Enter something here."),
        ({"title": [" \n\t "]}, "title", "Enter something here."),
        ({"title": ["a"], "colour": ["green"]}, "colour", "Choose one of the answers on the page."),
        ({"title": ["a"], "number": ["seven"]}, "number", "Enter a whole number."),
    ],
)
def test_each_mistake_is_a_sentence_on_its_field(
    typed: dict[str, list[str]], name: str, sentence: str
) -> None:
    form = check(Example, typed)
    assert form.value is None
    assert form.errors == {name: sentence}


def test_a_tick_is_only_what_the_page_can_send() -> None:
    for sent, value in (("yes", True), ("on", True), ("no", False), ("", False), ("YES please", False)):
        form = check(Example, {"title": ["a"], "sure": [sent]})
        assert form.value is not None
        assert form.value.sure is value


def test_a_stored_record_fills_the_form_as_it_was_typed() -> None:
    form = filled(title="A", on=date(2026, 11, 18), items=("K2", "K10"), sure=True, other=False, none=None)
    assert (form.text("on_day"), form.text("on_month"), form.text("on_year")) == ("18", "11", "2026")
    assert form.has("items", "K10")
    assert form.has("sure", "yes")
    assert not form.has("other", "yes")
    assert form.text("none") == ""
    assert check(Example, form.typed).value is not None


def test_a_rule_s_refusal_becomes_a_mistake_and_what_was_typed_stays() -> None:
    form = check(Example, {"title": ["a"]})
    with problems_on(form, "title"):
        raise Refused("There is one of this name already.")
    assert form.value is None
    assert form.error("title") == "There is one of this name already."
    assert form.text("title") == "a"
    assert empty().text("title", "otherwise") == "otherwise"


def test_line_ends_are_one_sign_and_nothing_is_invisible() -> None:
    assert tidy("one\r\ntwo\x00three") == "one\ntwothree"
    assert len({new_form_key() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("", 0), ("-1", 0), ("1e9", 0), ("٣", 0), ("9" * 5000, 0), (" 7", 0)],
)
def test_an_announced_size_is_read_with_suspicion(text: str, number: int) -> None:
    assert int_or_zero(text) == number


URLENCODED = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe=\xff", URLENCODED, 400),
        (b"email=%ff%fe%00&password=%00", URLENCODED, 422),
        (b"email=a&email=b&email=c", URLENCODED, 422),
        (b"&&&===&", URLENCODED, 422),
        (b"", URLENCODED, 422),
        (b'{"email": "a@b.example"}', "application/json", 422),
        (b"email", "text/plain; charset=klingon", 422),
        (b"email=a", "", 422),
        (b"a=1&" * (FIELD_LIMIT + 1), URLENCODED, 400),
        (b"a" * (BODY_LIMIT + 1), URLENCODED, 413),
        (b"no boundary", "multipart/form-data", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"nothing of the kind", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=" + "x" * 300, 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nnobody\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\nfile\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            422,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"a" * 600_000 + b"\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            413,
        ),
    ],
)
@pytest.mark.usefixtures("cast")
def test_a_hostile_body_gets_a_page_and_never_a_fault(
    browser: Callable[..., Browser], body: bytes, kind: str, status: int
) -> None:
    answer = browser().post("/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.usefixtures("cast")
def test_a_body_that_lies_about_its_size_is_cut_off(browser: Callable[..., Browser]) -> None:
    def endless() -> object:
        for _ in range(40):
            yield b"a" * 100_000

    answer = browser().post("/sign-in", content=endless(), headers={"Content-Type": URLENCODED})
    assert answer.status_code == 413
    assert "2 MB of text" in answer.text


@pytest.mark.usefixtures("cast")
def test_what_was_typed_comes_back_as_text_and_never_as_markup(browser: Callable[..., Browser]) -> None:
    answer = browser().post("/sign-in", data={"email": '"><script>alert(1)</script>', "password": "x"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
