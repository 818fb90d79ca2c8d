"""The demonstration's texts: complete, covering the whole standard, and free of anything that names somebody."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from portfolio import demo
from portfolio.demo.files import KINDS
from portfolio.training.queries import ACTIVITIES

TEXTS = Path(demo.__file__).parent / "texts"
ITEMS = (
    [f"K{n}" for n in range(1, 32)]
    + [f"S{n}" for n in range(1, 29)]
    + [f"B{n}" for n in range(1, 8)]
    + [f"D{n}" for n in range(1, 16)]
)
TYPES = {
    "work_product",
    "observation",
    "witness_testimony",
    "expert_witness",
    "professional_discussion",
    "question_answer",
    "reflective_account",
    "case_study",
    "feedback",
    "performance_review",
    "training_record",
    "presentation_project",
}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NEVER = {
    "an e-mail address": re.compile(r"\S@\S"),
    "a phone number": re.compile(r"(?:\+44|\b0)\s?\d{2,4}[\s-]?\d{3}[\s-]?\d{3,4}\b"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b"),
    "an NHS number": re.compile(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b"),
    "a date": re.compile(
        rf"\b\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}\b|\b\d{{4}}-\d\d-\d\d\b"
        rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTHS})\b|\b(?:{MONTHS}) \d{{1,2}}\b"
    ),
    "a date of birth": re.compile(r"\b(?:date of birth|d\.?o\.?b\.?|born on)\b", re.IGNORECASE),
    "a titled name": re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z]"),
}
PLANTED = {
    "an e-mail address": "write to someone@example.org",
    "a phone number": "ring 07700 900123 after six",
    "a postcode": "the flat in ZZ9 9ZZ",
    "an NHS number": "number 999 123 4567",
    "a date": "on 3 March they",
    "a date of birth": "DOB unknown",
    "a titled name": "I told Mrs Invented",
}


def load(name: str) -> Any:
    return yaml.safe_load((TEXTS / f"{name}.yaml").read_text(encoding="utf-8"))


EVIDENCE: list[dict[str, Any]] = load("evidence")
FEEDBACK: dict[str, Any] = load("feedback")
TRAINING: dict[str, list[dict[str, Any]]] = load("training")
DEVELOPMENT: dict[str, Any] = load("development")
PEOPLE: dict[str, list[dict[str, Any]]] = load("people")


def strings(value: Any) -> Iterator[str]:
    """Every text in a tree of lists and mappings, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def people(*roles: str) -> list[dict[str, Any]]:
    return [person for role in roles for person in PEOPLE[role]]


EVERYONE = people("apprentices", "mentors", "assessors", "iqas", "managers", "admins")


# Evidence


def test_there_are_at_least_45_pieces_with_ids_and_titles_of_their_own() -> None:
    assert len(EVIDENCE) >= 45
    assert len({piece["id"] for piece in EVIDENCE}) == len(EVIDENCE)
    assert len({piece["title"] for piece in EVIDENCE}) == len(EVIDENCE)


@pytest.mark.parametrize("piece", EVIDENCE, ids=lambda piece: piece["id"])
def test_each_piece_is_complete(piece: dict[str, Any]) -> None:
    needed = {"id", "setting", "type", "title", "what_happened", "what_i_did", "why", "claims", "files"}
    assert needed <= set(piece) <= needed | {"original_kept_at", "original_seen_by"}
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", piece["id"])
    assert piece["type"] in TYPES
    assert piece["setting"] in {"school", "care", "housing"}
    assert len(piece["title"]) <= 100
    for part in ("what_happened", "what_i_did", "why"):
        assert 40 <= len(piece[part].split()) <= 140, part
    assert re.search(r"\b(I|me|my)\b", piece["what_i_did"])


@pytest.mark.parametrize("piece", EVIDENCE, ids=lambda piece: piece["id"])
def test_each_piece_claims_known_items_once(piece: dict[str, Any]) -> None:
    codes = [claim["item"] for claim in piece["claims"]]
    assert codes
    assert set(codes) <= set(ITEMS)
    assert len(set(codes)) == len(codes)
    assert all(set(claim) <= {"item", "note"} for claim in piece["claims"])


@pytest.mark.parametrize("piece", EVIDENCE, ids=lambda piece: piece["id"])
def test_each_piece_has_files_or_says_where_the_original_is_kept(piece: dict[str, Any]) -> None:
    assert set(piece["files"]) <= set(KINDS)
    has_original = bool(piece.get("original_kept_at")) and bool(piece.get("original_seen_by"))
    assert bool(piece["files"]) != has_original


def test_the_first_30_pieces_touch_every_statement_and_duty() -> None:
    claimed = {claim["item"] for piece in EVIDENCE[:30] for claim in piece["claims"]}
    assert claimed == set(ITEMS)


def test_all_pieces_together_show_every_item_at_least_twice() -> None:
    counts = Counter(claim["item"] for piece in EVIDENCE for claim in piece["claims"])
    assert [item for item in ITEMS if counts[item] < 2] == []


def test_every_type_setting_and_kind_of_file_is_used() -> None:
    assert {piece["type"] for piece in EVIDENCE} == TYPES
    assert min(Counter(piece["setting"] for piece in EVIDENCE).values()) >= 10
    assert {kind for piece in EVIDENCE for kind in piece["files"]} == set(KINDS)


def test_an_allegation_about_staff_never_comes_with_a_document() -> None:
    for piece in EVIDENCE:
        if {"K7", "S8", "D4"} & {claim["item"] for claim in piece["claims"]}:
            assert piece["files"] == [], piece["id"]


def test_labels_of_people_differ_from_piece_to_piece() -> None:
    labels = [set(re.findall(r"\b(?:Child|Adult) [A-Z]\b", " ".join(strings(piece)))) for piece in EVIDENCE]
    counts = Counter(label for found in labels for label in found)
    assert [label for label, count in counts.items() if count > 1] == []


# Feedback


@pytest.mark.parametrize(
    ("kind", "at_least"),
    [
        ("mentor_comments", 30),
        ("assessor_comments", 30),
        ("apprentice_replies", 20),
        ("testimonies", 20),
        ("sign_off_reasons", 10),
        ("evidence_withdrawal_reasons", 6),
        ("break_reasons", 4),
        ("withdrawal_reasons", 3),
        ("supersede_reasons", 4),
    ],
)
def test_there_is_enough_of_each_kind_of_feedback_and_none_twice(kind: str, at_least: int) -> None:
    entries = FEEDBACK[kind]
    texts = [entry if isinstance(entry, str) else entry.get("text") or entry["saw"] for entry in entries]
    assert len(texts) >= at_least
    assert len(set(texts)) == len(texts)
    assert all(text.endswith((".", "?")) for text in texts)


def test_feedback_about_a_piece_names_a_piece_that_exists() -> None:
    pieces = {piece["id"] for piece in EVIDENCE}
    for kind in ("mentor_comments", "assessor_comments", "testimonies"):
        named = [entry["evidence"] for entry in FEEDBACK[kind] if "evidence" in entry]
        assert set(named) <= pieces
        assert len(set(named)) == len(named)


def test_enough_comments_fit_any_piece() -> None:
    for kind in ("mentor_comments", "assessor_comments"):
        assert len([entry for entry in FEEDBACK[kind] if "evidence" not in entry]) >= 15


def test_each_testimony_says_what_was_seen_and_the_relation() -> None:
    for testimony in FEEDBACK["testimonies"]:
        assert set(testimony) == {"evidence", "relation", "saw"}
        assert len(testimony["saw"].split()) >= 20
        assert testimony["relation"]


def test_what_is_missing_is_keyed_by_item_by_kind_or_for_any() -> None:
    missing = FEEDBACK["what_is_missing"]
    general = {"any", "knowledge", "skill", "behaviour", "duty"}
    assert general <= set(missing) <= general | set(ITEMS)
    texts = [text for entries in missing.values() for text in entries]
    assert len(texts) >= 40
    assert len(set(texts)) == len(texts)


# People


@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("mentors", 10),
        ("assessors", 6),
        ("iqas", 2),
        ("managers", 3),
        ("admins", 1),
        ("providers", 2),
        ("employers", 3),
    ],
)
def test_there_are_as_many_people_and_organisations_as_the_story_needs(role: str, count: int) -> None:
    assert len(PEOPLE[role]) == count


def test_there_are_at_least_52_apprentices_in_two_providers() -> None:
    counts = Counter(person["provider"] for person in PEOPLE["apprentices"])
    assert sum(counts.values()) >= 52
    assert set(counts) == {"northern", "harbour"}


@pytest.mark.parametrize(
    ("role", "name", "provider"),
    [
        ("apprentices", "Amina Archer", "northern"),
        ("mentors", "Marek Mason", "northern"),
        ("assessors", "Asha Abbott", "northern"),
        ("iqas", "Ines Irwin", "northern"),
        ("managers", "Priya Parker", "northern"),
        ("admins", "Alex Adair", None),
    ],
)
def test_the_people_of_the_guided_story_come_first(role: str, name: str, provider: str | None) -> None:
    assert (PEOPLE[role][0]["name"], PEOPLE[role][0].get("provider")) == (name, provider)


def test_the_second_provider_has_its_own_manager() -> None:
    theirs = [person["name"] for person in PEOPLE["managers"] if person["provider"] == "harbour"]
    assert theirs == ["Noor Naylor"]


def test_each_provider_has_everybody_it_needs() -> None:
    for role in ("apprentices", "mentors", "assessors", "iqas", "managers"):
        assert {person["provider"] for person in PEOPLE[role]} == {"northern", "harbour"}, role


def test_names_and_addresses_are_unique_and_invented() -> None:
    assert len({person["name"] for person in EVERYONE}) == len(EVERYONE)
    assert len({person["email"] for person in EVERYONE}) == len(EVERYONE)
    for person in EVERYONE:
        local, domain = person["email"].split("@")
        assert local == person["name"].lower().replace(" ", ".")
        assert domain.endswith(".example")
        first, last = person["name"].split()
        assert first[0] == last[0], "alliterative, so that nobody takes it for a real person"


def test_workplace_people_use_their_employers_address_and_an_employer_their_provider_works_with() -> None:
    employers = {employer["id"]: employer for employer in PEOPLE["employers"]}
    for person in people("apprentices", "mentors"):
        employer = employers[person["employer"]]
        assert person["email"].endswith("@" + employer["domain"])
        assert person["provider"] in employer["providers"]


def test_every_apprentice_has_a_mentor_at_the_same_employer_and_provider() -> None:
    mentored = {(person["provider"], person["employer"]) for person in PEOPLE["mentors"]}
    assert {(person["provider"], person["employer"]) for person in PEOPLE["apprentices"]} == mentored


def test_organisations_say_that_they_are_a_demonstration() -> None:
    assert all(entry["name"].endswith("(demo)") for entry in [*PEOPLE["providers"], *PEOPLE["employers"]])


# The training log


def test_each_entry_of_the_training_log_is_complete_and_names_statements_of_the_standard() -> None:
    assert set(TRAINING) == {"taught", "between"}
    assert min(len(entries) for entries in TRAINING.values()) >= 30
    every = [entry for entries in TRAINING.values() for entry in entries]
    assert len({entry["what"] for entry in every}) == len(every)
    for entry in every:
        assert entry["what"]
        assert entry["activity"] in ACTIVITIES
        assert entry["given_by"]
        assert 0 < entry["minutes"] <= 480
        assert entry["codes"]
        assert set(entry["codes"]) <= {code for code in ITEMS if code[0] != "D"}


# Nobody can be recognised


@pytest.mark.parametrize("kind", NEVER)
def test_no_text_contains_what_could_identify_somebody(kind: str) -> None:
    found = [
        text for text in strings([EVIDENCE, FEEDBACK, TRAINING, DEVELOPMENT]) if NEVER[kind].search(text)
    ]
    assert found == []


@pytest.mark.parametrize("kind", NEVER)
def test_the_screen_would_have_found_it(kind: str) -> None:
    assert NEVER[kind].search(PLANTED[kind])


def test_no_text_names_one_of_the_people() -> None:
    said = set(re.findall(r"\w+", " ".join(strings([EVIDENCE, FEEDBACK, TRAINING, DEVELOPMENT]))))
    surnames = {person["name"].split()[1] for person in EVERYONE}
    assert surnames & said == set()


def test_coverage_is_never_called_a_pass() -> None:
    assert not re.search(
        r"\bpass(ed)? the (statement|assessment|duty)",
        " ".join(strings([EVIDENCE, FEEDBACK, TRAINING, DEVELOPMENT])),
    )
