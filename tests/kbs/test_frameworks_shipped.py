"""The four frameworks that ship: complete, counted entry by entry, dated, and linked by suggestion only."""

import re
from pathlib import Path

import pytest

from kbs.catalogue import load_catalogue
from kbs.framework import ADULT, BOTH, CHILD, Framework, RefresherKind, UnknownLevel
from kbs.frameworks import SHIPPED, Frameworks, UnknownFramework, load_frameworks

STATEMENTS = {
    one.reference: frozenset(item.code for item in one.statements) for one in load_catalogue().all()
}
FRAMEWORKS = load_frameworks(statements=STATEMENTS)
MK, PA3, ROTHERHAM, WALES = "mk-together-2020", "pa3-2022", "rotherham-2018-19", "wales-2023"
STANDARD = load_catalogue().default().reference
REPORTING = ("K1", "K7", "K8", "K9", "K13", "K16", "S8", "S9", "S10", "S14")
LEADING = ("K23", "K24", "K25", "K26", "S24", "S25", "S26")


def test_four_frameworks_ship() -> None:
    assert {one.id for one in FRAMEWORKS.all()} == {MK, PA3, ROTHERHAM, WALES}
    assert len(list(SHIPPED.glob("*.yaml"))) == 4


@pytest.mark.parametrize(
    ("framework", "level", "strand", "part", "count"),
    [
        (MK, "1", CHILD, "competency", 7),
        (MK, "1", ADULT, "competency", 8),
        (MK, "2", CHILD, "competency", 10),
        (MK, "2", ADULT, "competency", 16),
        (MK, "3", CHILD, "competency", 11),
        (MK, "3", ADULT, "competency", 15),
        (MK, "4", CHILD, "competency", 13),
        (MK, "4", ADULT, "competency", 16),
        (MK, "5", CHILD, "competency", 11),
        (MK, "5", ADULT, "competency", 8),
        (MK, "board", CHILD, "competency", 0),
        (MK, "board", ADULT, "competency", 0),
        (PA3, "1", CHILD, "competency", 6),
        (PA3, "2", CHILD, "competency", 6),
        (PA3, "3", CHILD, "competency", 7),
        (PA3, "4", CHILD, "competency", 3),
        (PA3, "5", CHILD, "competency", 5),
        (ROTHERHAM, "1", CHILD, "core", 1),
        (ROTHERHAM, "1", CHILD, "knowledge", 5),
        (ROTHERHAM, "2", CHILD, "core", 5),
        (ROTHERHAM, "2", CHILD, "knowledge", 5),
        (ROTHERHAM, "3", CHILD, "core", 6),
        (ROTHERHAM, "3", CHILD, "knowledge", 14),
        (ROTHERHAM, "4", CHILD, "core", 9),
        (ROTHERHAM, "4", CHILD, "knowledge", 12),
        (ROTHERHAM, "5", CHILD, "core", 10),
        (ROTHERHAM, "5", CHILD, "knowledge", 10),
        (WALES, "E", BOTH, "leaders", 6),
        (WALES, "E", BOTH, "specialists", 4),
        (WALES, "E", BOTH, "knowledge", 5),
        (WALES, "E", BOTH, "skills", 11),
        (WALES, "E", BOTH, "attitudes", 1),
    ],
)
def test_a_level_has_as_many_competencies_as_its_source(
    framework: str, level: str, strand: str, part: str, count: int
) -> None:
    found = [
        one
        for one in FRAMEWORKS.get(framework).level(level).competencies
        if (one.strand, one.part) == (strand, part)
    ]
    assert len(found) == count


@pytest.mark.parametrize(
    ("framework", "levels", "total"),
    [
        (MK, ["1", "2", "3", "4", "5", "board"], 115),
        (PA3, ["1", "2", "3", "4", "5"], 27),
        (ROTHERHAM, ["1", "2", "3", "4", "5"], 77),
        (WALES, ["A", "B", "C", "D", "E", "F"], 27),
    ],
)
def test_the_ladder_stands_from_the_lowest_level_up(framework: str, levels: list[str], total: int) -> None:
    found = FRAMEWORKS.get(framework).levels
    assert [one.id for one in found] == levels
    assert [one.rank for one in found] == list(range(1, len(levels) + 1))
    assert sum(len(one.competencies) for one in found) == total
    assert all(one.for_whom for one in found)


def test_levels_without_a_list_in_the_source_say_so() -> None:
    outlines = {(one.id, level.id) for one in FRAMEWORKS.all() for level in one.levels if level.outline}
    assert outlines == {(MK, "board"), *((WALES, group) for group in "ABCDF")}
    assert all(level.note for one in FRAMEWORKS.all() for level in one.levels if level.outline)


def test_the_headings_of_milton_keynes_are_headings_and_not_competencies() -> None:
    framework = FRAMEWORKS.get(MK)
    headings = {level.id: level.headings for level in framework.levels if level.headings}
    assert set(headings) == {"3", "5"}
    assert {one.strand for ones in headings.values() for one in ones} == {CHILD}
    under = {
        level: [one.id for one in framework.level(level).competencies if one.under == headings[level][0].id]
        for level in headings
    }
    assert under["3"] == ["3-child-9", "3-child-10", "3-child-11"]
    assert under["5"] == ["5-child-8", "5-child-9", "5-child-10", "5-child-11"]


def test_the_last_adult_competency_of_level_5_keeps_its_five_points() -> None:
    assert len(FRAMEWORKS.get(MK).level("5").competencies_in(ADULT)[-1].points) == 5


@pytest.mark.parametrize(
    ("framework", "level", "asked"),
    [
        (MK, "1", ["1"]),
        (MK, "3", ["1", "2", "3"]),
        (MK, "5", ["1", "2", "3", "4", "5"]),
        (MK, "board", ["board"]),
        (PA3, "3", ["3"]),
        (ROTHERHAM, "4", ["1", "2", "3", "4"]),
        (WALES, "E", ["A", "B", "C", "D", "E"]),
        (WALES, "F", ["F"]),
    ],
)
def test_a_level_asks_for_earlier_ones_only_where_its_source_says_so(
    framework: str, level: str, asked: list[str]
) -> None:
    assert [one.id for one in FRAMEWORKS.get(framework).levels_asked_at(level)] == asked


def test_cumulative_is_what_the_levels_say() -> None:
    assert {one.id: one.cumulative for one in FRAMEWORKS.all()} == {
        MK: True,
        PA3: False,
        ROTHERHAM: True,
        WALES: True,
    }


@pytest.mark.parametrize(
    ("strand", "count"), [(CHILD, 7 + 10 + 11), (ADULT, 8 + 16 + 15), (BOTH, 7 + 10 + 11 + 8 + 16 + 15)]
)
def test_the_strand_filter_at_level_3_of_milton_keynes(strand: str, count: int) -> None:
    assert len(FRAMEWORKS.get(MK).asked_at("3", strand)) == count


def test_what_is_worded_for_both_strands_is_shown_under_each() -> None:
    framework = FRAMEWORKS.get(WALES)
    assert framework.asked_at("E", CHILD) == framework.asked_at("E", ADULT) == framework.asked_at("E")
    assert len(framework.asked_at("E")) == 27


def test_level_4_of_milton_keynes_and_groups_b_to_e_of_wales_need_earlier_levels() -> None:
    needs = {
        (one.id, level.id): level.needs for one in FRAMEWORKS.all() for level in one.levels if level.needs
    }
    assert needs == {
        (MK, "4"): ("2", "3"),
        (WALES, "B"): ("A",),
        (WALES, "C"): ("A", "B"),
        (WALES, "D"): ("A", "B", "C"),
        (WALES, "E"): ("A", "B", "C", "D"),
    }


@pytest.mark.parametrize("framework", FRAMEWORKS.all(), ids=lambda one: one.id)
def test_every_framework_is_dated_and_says_where_it_comes_from(framework: Framework) -> None:
    assert framework.wording == "our summary"
    assert framework.source.document
    assert framework.source.rights
    assert framework.edition in framework.dated_note
    assert framework.dated in framework.dated_note
    assert framework.nation in framework.dated_note
    assert framework.dated_note.endswith("Not current law.")
    rules = (*framework.refreshers, *framework.placement, *framework.expectations)
    assert all(one.place and one.origin in {"source", "our view"} for one in rules)


@pytest.mark.parametrize("framework", FRAMEWORKS.all(), ids=lambda one: one.id)
def test_ids_are_stable_and_numbered_in_the_order_of_the_source(framework: Framework) -> None:
    for level in framework.levels:
        runs: dict[str, int] = {}
        for one in level.competencies:
            stem, number = one.id.rsplit("-", 1)
            assert stem.startswith(f"{level.id}-")
            assert int(number) == runs.get(stem, 0) + 1
            runs[stem] = int(number)


@pytest.mark.parametrize("framework", FRAMEWORKS.all(), ids=lambda one: one.id)
def test_a_title_is_short_and_stands_once_in_its_level_strand_and_part(framework: Framework) -> None:
    for level in framework.levels:
        titles = [(one.strand, one.part, one.title) for one in level.competencies]
        assert len(titles) == len(set(titles))
        assert all(len(one.title) <= 140 for one in level.competencies)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_contact_detail_stands_in_a_framework(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"@|https?://|\b0\d{4} ?\d{6}\b", text)


def test_reporting_and_leading_are_linked_by_suggestion_at_levels_1_2_and_4_only() -> None:
    linked = {
        (one.id, competency.split("-")[0])
        for one in FRAMEWORKS.all()
        for suggestion in one.suggestions
        for competency in suggestion.competencies
    }
    assert linked == {(name, level) for name in (MK, PA3, ROTHERHAM) for level in "124"}
    sets = {one.statements for framework in FRAMEWORKS.all() for one in framework.suggestions}
    assert sets == {REPORTING, LEADING}


@pytest.mark.parametrize(
    ("framework", "competency", "statements"),
    [
        (MK, "1-child-6", REPORTING),
        (MK, "2-adult-10", REPORTING),
        (MK, "4-child-10", LEADING),
        (MK, "3-child-1", ()),
        (PA3, "1-c-4", REPORTING),
        (PA3, "4-c-3", ()),
        (ROTHERHAM, "4-core-4", LEADING),
        (WALES, "E-lead-1", ()),
    ],
)
def test_the_suggested_statements_of_a_competency(
    framework: str, competency: str, statements: tuple[str, ...]
) -> None:
    assert FRAMEWORKS.get(framework).suggested_statements(competency, STANDARD) == statements
    assert FRAMEWORKS.get(framework).suggested_statements(competency, "XX0001") == ()


def test_the_refresher_rules_are_those_of_the_sources() -> None:
    found = {
        (one.id, rule.kind, rule.applies_to.value, rule.levels, rule.months, rule.hours_at_least)
        for one in FRAMEWORKS.all()
        for rule in one.refreshers
    }
    assert found == {
        (MK, RefresherKind.COUNTED, "everyone", ("1", "2", "3", "4", "5"), 36, None),
        (PA3, RefresherKind.INTERVAL, "designated leads", (), 24, None),
        (PA3, RefresherKind.INTERVAL, "other than designated leads", (), 36, None),
        (ROTHERHAM, RefresherKind.INTERVAL, "everyone", ("1",), 12, None),
        (WALES, RefresherKind.HOURS, "everyone", ("A",), 36, 1),
        (WALES, RefresherKind.HOURS, "everyone", ("B",), 36, 6),
    }


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(UnknownFramework, match="There is no framework ours"):
        FRAMEWORKS.get("ours")
    with pytest.raises(UnknownLevel, match="9 is not a level of Learning and Improvement Framework"):
        FRAMEWORKS.get(PA3).level("9")


def test_frameworks_stand_by_title() -> None:
    titles = [one.title.casefold() for one in FRAMEWORKS.all()]
    assert titles == sorted(titles)
    assert isinstance(FRAMEWORKS, Frameworks)
