"""Search and suggestions are plain text matching that can be explained."""

import pytest

from kbs.statements import Standard
from kbs.stems import stem, words_of
from kbs.suggest import search, suggest


def codes(items: list) -> list[str]:
    return [item.code for item in items]


@pytest.mark.parametrize("query", ["K7", "k7", "k 7", " K07 ", "knowledge 7"])
def test_a_statement_is_found_by_its_code(shipped: Standard, query: str) -> None:
    assert codes(search(shipped, query)) == ["K7"]


@pytest.mark.parametrize("query", ["duty 8", "Duty 8", "d8", "D 8"])
def test_a_duty_is_found_by_its_number(shipped: Standard, query: str) -> None:
    assert codes(search(shipped, query)) == ["D8"]


def test_several_codes_come_in_the_standards_order(shipped: Standard) -> None:
    assert codes(search(shipped, "D8, s3 and K1")) == ["K1", "S3", "D8"]


def test_a_code_the_standard_lacks_finds_nothing(shipped: Standard) -> None:
    assert search(shipped, "K99") == []


def test_a_kind_finds_all_of_it(invented: Standard) -> None:
    assert codes(search(invented, "skills")) == ["S1", "S2"]
    assert codes(search(invented, "k")) == ["K1", "K2", "K10"]
    assert codes(search(invented, "Duties")) == ["D1", "D2"]
    assert search(invented, "behaviour") == []


def test_every_word_has_to_begin_a_word(shipped: Standard) -> None:
    assert codes(search(shipped, "escalat local")) == ["K6", "K12", "S7", "S13"]
    assert codes(search(shipped, "LOCAL escalat")) == ["K6", "K12", "S7", "S13"]
    assert search(shipped, "calation") == []
    assert codes(search(shipped, "wellbeing")) == ["K14", "K29", "S28"]
    assert codes(search(shipped, "person-centred")) == ["K2", "S2"]


def test_an_empty_search_finds_everything_and_signs_nothing(shipped: Standard) -> None:
    assert search(shipped, "  ") == list(shipped.items)
    assert search(shipped, "?! …") == []


def test_what_somebody_wrote_leads_to_statements_with_the_words_that_led_there(shipped: Standard) -> None:
    text = (
        "I escalated the concern and made a referral to children's social care. Afterwards I updated the log."
    )
    found = suggest(shipped, text)
    assert found[0].item.code == "K15"
    assert found[0].matched_words == ("referral", "children", "social", "care")
    assert {one.item.code for one in found} & {"S13", "D8"}


def test_forms_of_a_word_meet(shipped: Standard) -> None:
    found = suggest(shipped, "We reflected together, and she supervises and trains volunteers.", limit=20)
    assert {"S22", "K28", "D13"} <= {one.item.code for one in found}


def test_a_word_that_stands_everywhere_is_no_reason(shipped: Standard) -> None:
    assert suggest(shipped, "safeguarding") == []
    assert suggest(shipped, "It was about safeguarding at my own work.") == []


@pytest.mark.parametrize("text", ["", "   ", "the and of", "zebra", "12 34", "💬 …"])
def test_no_shared_word_suggests_nothing(shipped: Standard, text: str) -> None:
    assert suggest(shipped, text) == []


def test_suggestions_are_limited_ordered_and_repeatable(shipped: Standard) -> None:
    text = " ".join(item.text for item in shipped.items)
    assert len(suggest(shipped, text)) == 6
    assert len(suggest(shipped, text, limit=3)) == 3
    assert suggest(shipped, text) == suggest(shipped, text)


def test_every_statement_suggests_itself(shipped: Standard, invented: Standard) -> None:
    for standard in (shipped, invented):
        for item in standard.items:
            found = suggest(standard, item.text, limit=len(standard.items))
            assert item in [one.item for one in found] or not found


def test_suggestions_work_on_another_standard(invented: Standard) -> None:
    found = suggest(invented, "Sewed the cloth and tested it in strong winds")
    assert [one.item.code for one in found][:2] == ["S2", "S1"]


@pytest.mark.parametrize(
    "forms",
    [
        ("policy", "policies"),
        ("referral", "referrals", "refer", "referred"),
        ("escalate", "escalated", "escalating", "escalation"),
        ("organisation", "organisations", "organisational", "organise"),
        ("communicate", "communication", "communicating"),
        ("supervise", "supervision", "supervised"),
        ("confidential", "confidentiality"),
        ("reflect", "reflective", "reflection"),
        ("family", "families"),
        ("child", "children"),
        ("log", "logs", "logged", "logging"),
        ("process", "processes"),
        ("record", "recorded", "recording"),
    ],
)
def test_forms_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), [("police", "policy"), ("caring", "carpet"), ("ring", "red")])
def test_different_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_words_of_a_text() -> None:
    assert list(words_of("The child’s well-being: up 2 date!")) == [
        "the", "child", "well", "being", "wellbeing", "up", "2", "date",
    ]  # fmt: skip
