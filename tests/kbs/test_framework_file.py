"""A framework's file: a provider's own goes through the same checks, and every fault is named at once."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from kbs.frameworks import SHIPPED, FrameworkError, framework_from_text, load_framework, load_frameworks

Data = dict[str, Any]
OWN: Data = {
    "schema_version": 1,
    "id": "harbour-2026",
    "title": "Harbour Trust safeguarding steps",
    "publisher": "Harbour Trust",
    "edition": "2026",
    "dated": "September 2026",
    "nation": "England",
    "sector": "Supported housing",
    "wording": "own framework",
    "level_word": "Step",
    "strands": {"child": "Children", "adult": "Adults"},
    "parts": {"do": "What you do", "know": "What you know"},
    "source": {"document": "Harbour Trust staff handbook", "published": "2026", "rights": "Our own."},
    "levels": [
        {
            "id": "first",
            "rank": 1,
            "title": "First step",
            "for_whom": "Everyone.",
            "competencies": [
                {"id": "first-1", "strand": "child", "part": "do", "title": "Tells the lead of a worry"},
                {"id": "first-2", "strand": "adult", "part": "know", "title": "Knows who the lead is"},
            ],
        },
        {
            "id": "second",
            "rank": 2,
            "title": "Second step",
            "for_whom": "Key workers.",
            "includes": ["first"],
            "needs": ["first"],
            "headings": [{"id": "second-role", "title": "In some roles", "strand": "adult"}],
            "competencies": [
                {"id": "second-1", "strand": "adult", "part": "do", "title": "Plans", "under": "second-role"},
            ],
        },
    ],
    "refreshers": [
        {
            "id": "yearly",
            "kind": "interval",
            "applies_to": "everyone",
            "months": 12,
            "counts": "training",
            "text": "Every year.",
            "place": "Handbook, page 3",
            "origin": "source",
        }
    ],
    "placement": [
        {
            "id": "key-worker",
            "level": "second",
            "when": {"contact": ["main"], "assesses": True},
            "why": "Key workers plan.",
            "place": "Handbook, page 2",
            "origin": "source",
        }
    ],
    "needs_rule": {"within_months": 3, "text": "Within three months.", "place": "Page 2", "origin": "source"},
    "expectations": [
        {
            "id": "together",
            "levels": ["second"],
            "text": "Learn with others.",
            "place": "Page 4",
            "origin": "source",
        }
    ],
    "suggestions": [
        {"id": "tell", "standard": "AB0001", "statements": ["K1", "S2"], "competencies": ["first-1"]}
    ],
    "suggested_targets": [
        {
            "standard": "AB0001",
            "floor": "first",
            "target": "second",
            "why": "They plan.",
            "origin": "our view",
        }
    ],
}
STATEMENTS = {"AB0001": frozenset({"K1", "K2", "S1", "S2"})}


def faults_of(data: object) -> tuple[str, ...]:
    text = data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    with pytest.raises(FrameworkError) as caught:
        framework_from_text(text, "own.yaml", STATEMENTS)
    return caught.value.faults


def test_a_providers_own_framework_is_read_from_its_file_beside_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    frameworks = load_frameworks(tmp_path)
    assert len(frameworks.all()) == 5
    own = frameworks.get("harbour-2026")
    assert [one.id for one in own.asked_at("second", "adult")] == ["first-2", "second-1"]
    assert own.placement[0].when == {"contact": ("main",), "assesses": ("yes",)}
    assert own.dated_note.startswith("Harbour Trust, edition 2026 (England), dated September 2026.")


def test_a_small_file_needs_neither_rules_nor_suggestions() -> None:
    small = {
        key: value for key, value in OWN.items() if key not in {"refreshers", "placement", "expectations"}
    }
    small = {key: value for key, value in small.items() if not key.startswith("suggest")}
    framework = framework_from_text(yaml.safe_dump(small), "own.yaml")
    assert framework.refreshers == framework.placement == framework.suggestions == ()


def put(path: str, value: object) -> Callable[[Data], None]:
    """Sets what stands at a path such as levels.0.rank; None takes it out."""

    def change(data: Data) -> None:
        *way, last = path.split(".")
        inside: Any = data
        for step in way:
            inside = inside[int(step)] if step.isdigit() else inside[step]
        if value is None:
            del inside[last]
        else:
            inside[int(last) if last.isdigit() else last] = value

    return change


RULE = deepcopy(OWN["refreshers"][0])
FAULTS: dict[str, tuple[Callable[[Data], None], str]] = {
    "another schema": (put("schema_version", 2), "schema_version: this program reads schema version 1"),
    "an unknown name": (put("colour", "blue"), "colour: nothing of this name is known here"),
    "no id": (put("id", None), "id: a text is missing here"),
    "an id with a space": (
        put("id", "Harbour 2026"),
        "id: small letters, digits and hyphens expected, such as our-own-2026, not 'Harbour 2026'",
    ),
    "no title": (put("title", None), "title: a text is missing here"),
    "no publisher": (put("publisher", None), "publisher: a text is missing here"),
    "no edition": (put("edition", None), "edition: a text is missing here"),
    "an edition that is a number": (put("edition", 2026), "edition: a text expected here, not 2026"),
    "no date": (put("dated", None), "dated: a text is missing here"),
    "no nation": (put("nation", None), "nation: a text is missing here"),
    "an unknown nation": (
        put("nation", "Ireland"),
        (
            "nation: 'Ireland' is not known here; write one of: England, Wales, Scotland, Northern Ireland, "
            "United Kingdom"
        ),
    ),
    "a wording nobody knows": (
        put("wording", "copied"),
        "wording: 'copied' is not known here; write one of: our summary, own framework",
    ),
    "no source": (put("source", None), "source: names and values expected here"),
    "no document": (put("source.document", None), "source.document: a text is missing here"),
    "no rights": (put("source.rights", None), "source.rights: a text is missing here"),
    "no strand": (put("strands", None), "strands: name at least one strand: child, adult, both"),
    "a strand nobody can filter by": (
        put("strands", {"child": "Children", "adult": "Adults", "family": "Families"}),
        "strands: 'family' is not known here; write one of: child, adult, both",
    ),
    "no part": (put("parts", None), "parts: name at least one part, such as competency: Competencies"),
    "no level": (put("levels", []), "levels: there is no level at all"),
    "levels in the wrong order": (
        put("levels.0.rank", 2),
        "levels[1].rank: 1 expected: levels stand from the lowest up, numbered from 1 without a gap",
    ),
    "a gap between levels": (
        put("levels.1.rank", 3),
        "levels[2].rank: 2 expected: levels stand from the lowest up, numbered from 1 without a gap",
    ),
    "a level twice": (put("levels.1.id", "first"), "levels[2].id: level first stands twice"),
    "a level for nobody": (put("levels.0.for_whom", None), "levels[1].for_whom: a text is missing here"),
    "an empty level": (
        put("levels.0.competencies", []),
        (
            "levels[1].competencies: there is none: list them, or write outline: true if the source does not list "
            "any for this level"
        ),
    ),
    "an outline with a list": (
        put("levels.0.outline", True),
        "levels[1].outline: competencies stand below, so write outline: false",
    ),
    "a competency twice": (
        put("levels.1.competencies.0.id", "first-1"),
        "levels[2].competencies[1].id: first-1 stands at levels[1].competencies[1] too; give each its own id",
    ),
    "a competency with a heading's id": (
        put("levels.1.competencies.0.id", "second-role"),
        "levels[2].competencies[1].id: second-role stands at levels[2].headings[1] too; give each its own id",
    ),
    "an unknown strand": (
        put("levels.0.competencies.0.strand", "both"),
        "levels[1].competencies[1].strand: 'both' is not known here; write one of: child, adult",
    ),
    "an unknown part": (
        put("levels.0.competencies.1.part", "core"),
        "levels[1].competencies[2].part: 'core' is not known here; write one of: do, know",
    ),
    "no title of a competency": (
        put("levels.0.competencies.0.title", None),
        "levels[1].competencies[1].title: a text is missing here",
    ),
    "a heading that is not there": (
        put("levels.1.competencies.0.under", "third-role"),
        "levels[2].competencies[1].under: third-role is not a heading of this level and strand",
    ),
    "a heading of the other strand": (
        put("levels.1.competencies.0.strand", "child"),
        "levels[2].competencies[1].under: second-role is not a heading of this level and strand",
    ),
    "a need for no level": (
        put("levels.1.needs", ["zero"]),
        "levels[2].needs: zero is not a level that stands before this one",
    ),
    "a need for itself": (
        put("levels.1.needs", ["second"]),
        "levels[2].needs: second is not a level that stands before this one",
    ),
    "an include of a later level": (
        put("levels.0.includes", ["second"]),
        "levels[1].includes: second is not a level that stands before this one",
    ),
    "needs without a rule": (
        put("needs_rule", None),
        "needs_rule: a level needs earlier ones, so say here by when and on what source",
    ),
    "months below zero": (
        put("refreshers.0.months", -12),
        "refreshers[1].months: -12 is not between 1 and 120",
    ),
    "no months": (put("refreshers.0.months", None), "refreshers[1].months: a whole number is missing here"),
    "months as a word": (
        put("refreshers.0.months", "twelve"),
        "refreshers[1].months: a whole number expected here, not 'twelve'",
    ),
    "a first time below zero": (
        put("refreshers.0.first_within_months", -1),
        "refreshers[1].first_within_months: -1 is not between 0 and 120",
    ),
    "a kind of rule nobody knows": (
        put("refreshers.0.kind", "sometimes"),
        "refreshers[1].kind: 'sometimes' is not known here; write one of: interval, hours, counted",
    ),
    "a rule for nobody": (
        put("refreshers.0.applies_to", "cooks"),
        (
            "refreshers[1].applies_to: 'cooks' is not known here; write one of: everyone, designated leads, "
            "other than designated leads"
        ),
    ),
    "a rule for no level": (
        put("refreshers.0.levels", ["third"]),
        "refreshers[1].levels: third is not a level of this framework",
    ),
    "hours without a number": (
        put("refreshers.0.kind", "hours"),
        "refreshers[1].hours_at_least: a rule of hours says here how many at least",
    ),
    "hours in an interval": (
        put("refreshers.0.hours_at_least", 6),
        "refreshers[1].hours_at_least: hours belong to a rule of the kind hours only",
    ),
    "fewer hours at most than at least": (
        put("refreshers.0", {**RULE, "kind": "hours", "hours_at_least": 6, "hours_up_to": 3}),
        "refreshers[1].hours_up_to: 3 is fewer than the 6 hours asked for at least",
    ),
    "a rule without a source": (
        put("refreshers.0.place", None),
        "refreshers[1].place: a text is missing here",
    ),
    "two rules for one role": (
        put("refreshers", [RULE, {**RULE, "id": "leads", "applies_to": "designated leads"}]),
        "refreshers[2].applies_to: yearly sets a rule for level first and these roles already",
    ),
    "a rule twice": (put("refreshers", [RULE, RULE]), "refreshers[2].id: yearly stands twice"),
    "a placement at no level": (
        put("placement.0.level", "third"),
        "placement[1].level: 'third' is not known here; write one of: first, second",
    ),
    "a fact nobody asks": (
        put("placement.0.when", {"shoe_size": ["9"]}),
        "placement[1].when.shoe_size: nothing of this name is known here",
    ),
    "an answer nobody gives": (
        put("placement.0.when.contact", ["daily"]),
        "placement[1].when.contact: 'daily' is not known here; write one of: none, occasional, some, regular, main",
    ),
    "yes as a word": (
        put("placement.0.when.assesses", "yes"),
        "placement[1].when.assesses: true or false expected here, not 'yes'",
    ),
    "an origin nobody knows": (
        put("placement.0.origin", "hearsay"),
        "placement[1].origin: 'hearsay' is not known here; write one of: source, our view",
    ),
    "an expectation at no level": (
        put("expectations.0.levels", ["third"]),
        "expectations[1].levels: third is not a level of this framework",
    ),
    "a statement that is not there": (
        put("suggestions.0.statements", ["K1", "K99"]),
        "suggestions[1].statements: K99 is not a statement of AB0001",
    ),
    "a statement twice": (
        put("suggestions.0.statements", ["K1", "K1"]),
        "suggestions[1].statements: K1 stands twice",
    ),
    "a standard that is not there": (
        put("suggestions.0.standard", "AB0009"),
        "suggestions[1].statements: there is no standard AB0009 at hand to look these statements up in",
    ),
    "a suggestion for no competency": (
        put("suggestions.0.competencies", ["first-9"]),
        "suggestions[1].competencies: first-9 is not a competency of this framework",
    ),
    "a suggestion of nothing": (
        put("suggestions.0.statements", []),
        "suggestions[1].statements: a suggestion links at least one competency with at least one statement",
    ),
    "a target below the floor": (
        put("suggested_targets.0", {**OWN["suggested_targets"][0], "floor": "second", "target": "first"}),
        "suggested_targets[1].target: the target first lies below the floor second",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_file_place_and_sentence(case: str) -> None:
    change, expected = FAULTS[case]
    data = deepcopy(OWN)
    change(data)
    assert f"own.yaml: {expected}" in faults_of(data)


def test_all_faults_are_named_at_once_and_not_the_first_only() -> None:
    data = deepcopy(OWN)
    chosen = [
        "no edition",
        "an unknown nation",
        "a gap between levels",
        "an unknown part",
        "a need for no level",
        "months below zero",
        "a placement at no level",
        "a statement that is not there",
    ]
    for case in chosen:
        FAULTS[case][0](data)
    assert set(faults_of(data)) == {f"own.yaml: {FAULTS[case][1]}" for case in chosen}
    assert len(faults_of(data)) == len(chosen)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "own.yaml: the file: names and values expected here"),
        ("- a list", "own.yaml: the file: names and values expected here"),
        ("id: [open", "own.yaml: line 1: not readable as YAML"),
        ("id: a\nid: b", "own.yaml: line 2: not readable as YAML: the name 'id' stands here twice"),
    ],
)
def test_what_is_no_framework_at_all_is_said_so(text: str, expected: str) -> None:
    assert faults_of(text)[0].startswith(expected)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FrameworkError, match=r"^none\.yaml: the file: cannot be read"):
        load_framework(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9")
    with pytest.raises(FrameworkError, match=r"^latin\.yaml: the file: cannot be read"):
        load_framework(tmp_path / "latin.yaml")


def test_an_id_that_stands_in_a_shipped_file_is_refused_with_both_names(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(
        (SHIPPED / "pa3-2022.yaml").read_text("utf-8").replace("Level 1", "Step 1"), encoding="utf-8"
    )
    (tmp_path / "worse.yaml").write_text(yaml.safe_dump({**OWN, "nation": "Mars"}), encoding="utf-8")
    with pytest.raises(FrameworkError) as caught:
        load_frameworks(tmp_path)
    assert len(caught.value.faults) == 2
    assert caught.value.faults[0] == "ours.yaml: id: pa3-2022 stands in pa3-2022.yaml too"
    assert caught.value.faults[1].startswith("worse.yaml: nation: 'Mars' is not known here")
