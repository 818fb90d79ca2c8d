from __future__ import annotations

import pytest

from portfolio.identities.rules import KINDS, PRIORITY, Finding, Known, find, find_in_name

NOBODY = Known()


def kinds(text: str, known: Known = NOBODY) -> list[tuple[str, str]]:
    return [(found.kind, found.words) for found in find(text, known)]


def offers(text: str, known: Known = NOBODY) -> list[str]:
    return [found.offer for found in find(text, known)]


def test_a_finding_says_where_it_stands_counted_in_characters() -> None:
    text = "😀 Then Jayden rang 07700 900123."
    assert find(text, NOBODY) == [
        Finding("name", 7, 13, "Jayden", "Child A"),
        Finding("phone", 19, 31, "07700 900123", "[number removed]"),
    ]
    assert all(text[found.start : found.end] == found.words for found in find(text, NOBODY))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("NHS no 943476 5919", "nhs", "943476 5919"),
        ("the number 943 476 5919 on it", "nhs", "943 476 5919"),
        ("her NI is AB 12 34 56 C", "ni", "AB 12 34 56 C"),
        ("pupil H801200001001 came", "upn", "H801200001001"),
        ("ring 07700 9OO123 now", "phone", "07700 9OO123"),
        ("+44 (0)7700 900123", "phone", "+44 (0)7700 900123"),
        ("to sam@example.org today", "email", "sam@example.org"),
        ("in ls99 8bn now", "postcode", "ls99 8bn"),
        ("at 14 elm road since", "address", "14 elm road"),
        ("lives in flat 3b now", "address", "flat 3b"),
        ("d.o.b. 4.5.2011 she", "birth", "4.5.2011"),
        ("turned 14 on 3 May 2025", "birth", "3 May 2025"),
        ("case no: 4582 was", "reference", "4582"),
        ("a van YX19 OKT outside", "plate", "YX19 OKT"),
        ("T.B. 12/03/25 fell", "initials", "T.B. 12/03/25"),
        ("his insta: kyle_07 is", "handle", "kyle_07"),
        ("then mrs smith left", "adult", "mrs smith"),
        ("then mrs j akhtar left", "adult", "mrs j akhtar"),
        ("then Dr Oduya left", "colleague", "Dr Oduya"),
        ("from St Cuthbert’s Academy today", "place", "St Cuthbert’s Academy"),
        ("she told me that Xhevat hit her", "name", "Xhevat"),
        ("it was kyle again", "name", "kyle"),
        ("with Mary-Jane O’Neill today", "name", "Mary-Jane O’Neill"),
    ],
)
def test_each_kind_is_found(text: str, kind: str, words: str) -> None:
    assert (kind, words) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "This shows K7, S12 and D8, and I could have claimed K7 AND S12 too.",
        "Child A told Adult B and Colleague 1 in Room 12B at 10:40 on 12/03/2025.",
        "The Designated Safeguarding Lead read Working Together 2023 with the Deputy Head.",
        "Victoria Climbié and Baby P changed the Children Act 2004. Ofsted and Merton took it up.",
        "On Monday in May a Polish mother and a British father met the Police in Birmingham.",
        "Keeping Children Safe in Education 2025-26, Part One, pages 12 to 14.",
        "The NHS number has a check digit, and a date of birth is a date.",
    ],
)
def test_what_names_nobody_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_the_apprentice_and_the_people_around_may_be_named() -> None:
    known = Known(names=("Amina Archer", "Helen Marsh"))
    assert kinds("I, Amina, met Helen Marsh and Ms Archer.", known) == []
    assert kinds("I met Amina Khan and Helen Archer.", known) == [
        ("name", "Amina Khan"),
        ("name", "Helen Archer"),
    ]


def test_the_words_of_the_employer_are_found_whole_and_in_any_letters() -> None:
    known = Known(words=("Fernleigh", "Project Swift"))
    assert kinds("at fernleigh and in project swift, not unfernleighed", known) == [
        ("word", "fernleigh"),
        ("word", "project swift"),
    ]


def test_the_same_name_has_the_same_label_and_labels_in_use_stay_free() -> None:
    text = "Child A was there. Jayden Smith hit Kyle, and Jayden ran. Mrs Smith saw Kyle."
    assert offers(text) == ["Child B", "Child C", "Child B", "Adult D", "Child C"]


def test_people_are_adults_where_the_text_is_about_adults() -> None:
    assert offers("The resident rang. Another resident, Doreen, did not.") == ["Adult A"]


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("born 14/03/2011", "March 2011"),
        ("born on 14th of March", "March"),
        ("DOB 2011-03-14", "March 2011"),
        ("dob 14032011", "[month]"),
        ("to Oakfield High School", "the school"),
        ("to Sycamore Lodge", "the home"),
        ("to Kingfisher Ward", "the ward"),
        ("to St Mary's today", "the setting"),
        ("PC Khatun came", "a colleague (role)"),
    ],
)
def test_what_to_write_instead(text: str, offer: str) -> None:
    assert offers(text) == [offer]


def test_after_the_alphabet_labels_are_numbers() -> None:
    text = " ".join(f"Child {letter} came." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert offers(f"{text} Then Jayden came.") == ["Child 27"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("JaydenSmith_v2.pdf", ["JaydenSmith"]),
        ("disclosure_kyle_final.docx", ["kyle"]),
        ("scan-mohammed-ali-letter.pdf", ["mohammed-ali"]),
        ("dob_14.02.2012.jpg", ["14.02.2012"]),
        ("IMG_20250312_101500.jpg", []),
        ("Reflective_Account_K7_S8_v2.docx", []),
        ("", []),
    ],
)
def test_the_name_of_a_file_is_read_word_by_word(name: str, words: list[str]) -> None:
    found = find_in_name(name, NOBODY)
    assert [each.words for each in found] == words
    assert all(name[each.start : each.end] == each.words for each in found)


def test_every_kind_has_words_and_a_place_in_the_order() -> None:
    assert set(KINDS) == set(PRIORITY)


@pytest.mark.parametrize("text", ["", " ", "\n", "’s", "Mr", "K7", "@", "⟦", "\ud83d", "e\u0301"])
def test_a_text_of_nearly_nothing_is_no_trouble(text: str) -> None:
    assert kinds(text) == []
