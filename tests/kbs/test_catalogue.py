"""Loading standards: all faults named at once, folders in layers, versions side by side."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kbs.catalogue import SHIPPED, Catalogue, StandardError, UnknownStandard, load_catalogue, load_standard
from kbs.statements import Standard
from kbs.writing import to_text, write_standard

from .conftest import INVENTED

Data = dict[str, Any]


def loaded(tmp_path: Path, data: object) -> Standard:
    path = tmp_path / "one.yaml"
    path.write_text(
        data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8"
    )
    return load_standard(path)


def data_of(standard: Standard) -> Data:
    return yaml.safe_load(to_text(standard))  # type: ignore[no-any-return]


def put(*path: str | int, value: object) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def drop(*path: str | int) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


FAULTS: list[tuple[Callable[[Data], None], str]] = [
    (drop("title"), "title: a text is missing here"),
    (put("title", value=7), "title: a text expected here, not 7"),
    (put("title", value="  "), "title: the text is empty"),
    (put("level", value=9), "level: 9 is not between 1 and 8"),
    (put("level", value=True), "level: a whole number expected here, not True"),
    (put("version", value=1.0), "version: a text expected here, not 1.0"),
    (put("version", value="../1"), "version: a quoted version expected"),
    (put("reference", value="../etc"), "reference: capital letters and digits expected"),
    (put("schema_version", value=2), "schema_version: this program reads schema version 1"),
    (put("leval", value=2), "leval: nothing of this name is known here"),
    (put("statements", "knowledge", 1, "code", value="K1"), "statements.knowledge[2].code: K1 stands twice"),
    (
        put("statements", "knowledge", 1, "code", value="S9"),
        "knowledge[2].code: 'S9' is not a code of this kind",
    ),
    (put("statements", "skill", 0, "code", value="S3"), "statements.skill[2].code: S2 stands after S3"),
    (drop("statements", "skill", 0, "text"), "statements.skill[1].text: a text is missing here"),
    (
        put("statements", "skill", 1, "text", value="Cut and sew cloth to a pattern."),
        "statements.skill[2].text: the wording of S2 is that of S1 too",
    ),
    (put("statements", "skill", value="S1"), "statements.skill: a list expected here"),
    (put("statements", value={}), "statements: there is no statement at all"),
    (put("duties", value=[]), "duties: there is no duty at all"),
    (put("duties", 1, "number", value=3), "duties[2].number: 2 expected"),
    (put("duties", 0, value="Build"), "duties[1]: names and values expected here"),
    (
        put("duties", 0, "mapping", "knowledge", "codes", value=["K2", "K99"]),
        "duties[1].mapping.knowledge.codes: K99 is not a statement of this standard",
    ),
    (
        put("duties", 0, "mapping", "knowledge", "codes", value=["S1"]),
        "duties[1].mapping.knowledge.codes: S1 is not a code of this kind",
    ),
    (put("duties", 0, "mapping", "knowledge", "codes", value=["K2", "K2"]), "codes: K2 stands twice"),
    (put("duties", 0, "mapping", "knowledge", "codes", value=[]), "codes: an empty list says nothing"),
    (put("duties", 0, "mapping", "knowledge", "codes", value="K2"), "codes: a list of texts expected here"),
    (
        drop("duties", 0, "mapping", "knowledge", "origin"),
        "duties[1].mapping.knowledge.origin: a text is missing",
    ),
    (
        put("duties", 0, "mapping", "knowledge", "origin", value="unknown"),
        "duties[1].mapping.knowledge.origin: there are codes",
    ),
    (
        put("duties", 1, "mapping", "skill", "origin", value="a page"),
        "duties[2].mapping.skill.origin: there are no codes",
    ),
    (
        put("duties", 0, "mapping", "behaviour", value={}),
        "mapping.behaviour: nothing of this name is known here",
    ),
    (
        put("assessment", "methods", 0, "codes", value=["S9"]),
        "assessment.methods[1].codes: S9 is not a statement",
    ),
    (put("assessment", "plan_found", value="yes"), "assessment.plan_found: true or false expected here"),
    (drop("words", "gateway"), "words.gateway: a text is missing here"),
    (put("words", "gatewy", value="x"), "words.gatewy: nothing of this name is known here"),
    (drop("licence"), "licence: names and values expected here"),
    (put("key_information", "earliest_start_on", value="soon"), "earliest_start_on: a date expected here"),
    (put("source", "origins", value=["a"]), "source.origins: names with a text each expected here"),
    (
        put("source", "imports", value=[{"file_name": "a", "sha256": "b"}]),
        "source.imports[1].sha256: 64 hexadecimal",
    ),
]


@pytest.mark.parametrize(("change", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_fault_is_named_with_file_and_place(
    tmp_path: Path, invented: Standard, change: Callable[[Data], None], fault: str
) -> None:
    data = data_of(invented)
    change(data)
    with pytest.raises(StandardError) as refused:
        loaded(tmp_path, data)
    assert any(fault in line for line in refused.value.faults), refused.value.faults
    assert all(line.startswith("one.yaml: ") for line in refused.value.faults)


def test_all_faults_are_named_at_once(tmp_path: Path, invented: Standard) -> None:
    data = data_of(invented)
    del data["title"]
    data["level"] = 0
    data["duties"][0]["mapping"]["skill"]["codes"] = ["S7"]
    with pytest.raises(StandardError) as refused:
        loaded(tmp_path, data)
    assert len(refused.value.faults) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: [", "not readable as YAML"),
        ("title: a\ntitle: b\n", "line 2: not readable as YAML: the name 'title' stands here twice"),
        ("title: 2025-02-30\n", "not readable as YAML: day"),
        ("- a\n- b\n", "names and values expected here"),
        ("", "names and values expected here"),
        ("a: !!python/object/apply:os.getcwd []\n", "not readable as YAML"),
    ],
)
def test_a_file_that_is_no_standard_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(StandardError, match=fault):
        loaded(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(b"title: \xff\xfe")
    with pytest.raises(StandardError, match=r"odd\.yaml: the file: cannot be read"):
        load_standard(tmp_path / "odd.yaml")


def test_what_is_written_is_what_was_loaded(tmp_path: Path, shipped: Standard, invented: Standard) -> None:
    for standard in (shipped, invented):
        path = write_standard(standard, tmp_path / "new")
        assert load_standard(path) == standard
        assert path.read_text() == to_text(standard)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "st1030-1.0.yaml",
        "xt0007-2.3.yaml",
    ]


def test_the_shipped_file_is_in_the_form_the_program_writes(shipped: Standard) -> None:
    assert (SHIPPED / "st1030-1.0.yaml").read_text() == to_text(shipped)


def test_standards_live_side_by_side(shipped: Standard, invented: Standard) -> None:
    catalogue = load_catalogue(SHIPPED, INVENTED)
    assert catalogue.all() == (shipped, invented)
    assert catalogue.get("XT0007", "2.3") == invented
    assert catalogue.default() == shipped
    assert load_catalogue(INVENTED, SHIPPED).default() == invented


def test_versions_sort_by_number_and_the_newest_is_the_default(tmp_path: Path, invented: Standard) -> None:
    for version in ("2.10", "2.9"):
        (tmp_path / f"{version}.yaml").write_text(to_text(invented).replace("'2.3'", f"'{version}'"))
    catalogue = load_catalogue(tmp_path)
    assert [one.version for one in catalogue.all()] == ["2.9", "2.10"]
    assert catalogue.default().version == "2.10"


def test_a_later_folder_replaces_the_same_version(tmp_path: Path, invented: Standard) -> None:
    data = data_of(invented)
    data["key_information"]["minimum_off_the_job_hours"] = 300
    loaded(tmp_path, data)
    catalogue = load_catalogue(SHIPPED, INVENTED, tmp_path)
    assert catalogue.get("XT0007", "2.3").minimum_off_the_job_hours == 300
    assert len(catalogue.all()) == 2


def test_a_replacement_may_not_word_or_number_anything_differently(
    tmp_path: Path, invented: Standard
) -> None:
    (tmp_path / "worded.yaml").write_text(to_text(invented).replace("Cut and sew cloth", "Cut cloth"))
    with pytest.raises(StandardError, match=r"worded\.yaml: S1: worded differently"):
        load_catalogue(INVENTED, tmp_path)
    (tmp_path / "worded.yaml").write_text(to_text(invented).replace("S2", "S3"))
    with pytest.raises(StandardError, match="the codes differ"):
        load_catalogue(INVENTED, tmp_path)


def test_a_standard_twice_in_one_folder_is_refused_by_name(tmp_path: Path, invented: Standard) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(to_text(invented))
    with pytest.raises(StandardError, match=r"b\.yaml: reference: XT0007 version 2\.3 stands in a\.yaml too"):
        load_catalogue(tmp_path)


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: [")
    (tmp_path / "b.yaml").write_text("- 1")
    with pytest.raises(StandardError, match=r"(?s)a\.yaml.*b\.yaml"):
        load_catalogue(tmp_path)


def test_an_empty_catalogue_is_an_error_and_a_missing_folder_is_not(tmp_path: Path) -> None:
    assert load_catalogue(SHIPPED, tmp_path / "later").all()
    with pytest.raises(StandardError, match="there is no standard"):
        load_catalogue(tmp_path / "later")


def test_an_unknown_standard_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownStandard, match=r"ST1030 version 9\.9 is not in the catalogue"):
        catalogue.get("ST1030", "9.9")
