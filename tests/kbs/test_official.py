"""The official JSON completes a standard by its wording; anything that does not match is refused by name."""

import random
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from kbs.catalogue import SHIPPED, Catalogue, load_catalogue
from kbs.official import OfficialError, Report, compare, import_standard, read_official
from kbs.statements import ItemKind, MappingStatus, Standard

from .official_builder import Official, as_bytes, detail_of, full_mapping, guid_of, official_of

ON = date(2026, 11, 18)


@pytest.fixture
def take_in(tmp_path: Path) -> Callable[..., Report]:
    def run(data: object, *, write: bool = True, catalogue: Catalogue | None = None) -> Report:
        content = data if isinstance(data, bytes) else as_bytes(data)
        at_hand = catalogue or load_catalogue(SHIPPED, tmp_path)
        return import_standard(at_hand, content, "saved/official.json", ON, tmp_path, write)

    return run


def refusal(take_in: Callable[..., Report], data: object) -> str:
    with pytest.raises(OfficialError) as refused:
        take_in(data)
    return str(refused.value)


def test_a_full_mapping_makes_everything_known(
    shipped: Standard, take_in: Callable[..., Report], tmp_path: Path
) -> None:
    full = full_mapping(shipped)
    report = take_in(official_of(shipped, full))
    assert report.written_to == tmp_path / "st1030-1.0.yaml"
    completed = load_catalogue(SHIPPED, tmp_path).default()
    assert completed == report.standard
    assert completed.mapping_status is MappingStatus.KNOWN
    assert all(set(duty.known_codes) == set(full[duty.code]) for duty in completed.duties)
    assert all(completed.duties_for(item.code).complete for item in completed.statements)
    assert "Duty 1, behaviours: unknown until now, becomes B1, B7" in report.lines


def test_the_file_its_hash_and_the_day_are_on_record(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    content = as_bytes(official_of(shipped, full_mapping(shipped)))
    standard = take_in(content).standard
    (imported,) = standard.source.imports
    assert (imported.file_name, imported.imported_on) == ("official.json", ON)
    assert imported.sha256 == sha256(content).hexdigest()
    assert standard.duties[0].mapping[ItemKind.SKILL].origin == "official JSON, imported 18 November 2026"
    assert standard.duties[1].mapping[ItemKind.SKILL].origin == "published standard page"


def test_what_is_not_written_changes_nothing(
    shipped: Standard, take_in: Callable[..., Report], tmp_path: Path
) -> None:
    report = take_in(official_of(shipped, full_mapping(shipped)), write=False)
    assert report.has_changes
    assert report.written_to is None
    assert list(tmp_path.iterdir()) == []


def test_a_second_import_of_the_same_file_changes_nothing(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(shipped, full_mapping(shipped))
    take_in(data)
    again = take_in(data)
    assert not again.has_changes
    assert again.written_to is None
    assert len(again.standard.source.imports) == 1
    assert "Nothing would change: all that the file says stands here already" in again.lines


def test_texts_are_matched_by_wording_and_not_by_position(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    full = full_mapping(shipped)
    data = official_of(shipped, full)
    shuffle = random.Random(5)
    for name in ("knowledges", "skills", "behaviours", "duties"):
        shuffle.shuffle(data[name])
    completed = take_in(data).standard
    assert completed.codes == shipped.codes
    assert {duty.code: set(duty.known_codes) for duty in completed.duties} == {
        code: set(codes) for code, codes in full.items()
    }


def test_spaces_quotes_dashes_mark_up_and_a_leading_code_do_not_matter(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(shipped, full_mapping(shipped))
    detail_of(data, "K1", shipped)["detail"] = "K1: " + shipped.item("K1").text.replace(" ", "  ") + "\r\n"
    detail_of(data, "K2", shipped)["detail"] = f"<p>{shipped.item('K2').text.replace('-', '–')}</p>"
    detail_of(data, "S12", shipped)["detail"] = "\ufeffS12 – " + shipped.item("S12").text.replace(
        " ", "\u00a0"
    )
    data["duties"][12]["dutyDetail"] = "Duty 13 " + shipped.item("D13").text.replace("'", "’")
    data["knowledges"][4]["knowledgeId"] = "{" + data["knowledges"][4]["knowledgeId"].upper() + "}"
    completed = take_in(data).standard
    assert [item.text for item in completed.items] == [item.text for item in shipped.items]
    assert completed.mapping_status is MappingStatus.KNOWN


def test_one_object_may_come_in_a_list_and_with_a_byte_order_mark(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    content = b"\xef\xbb\xbf" + as_bytes([official_of(shipped, full_mapping(shipped))])
    assert take_in(content).has_changes


def test_altered_wording_is_refused_and_named(shipped: Standard, take_in: Callable[..., Report]) -> None:
    data = official_of(shipped)
    detail_of(data, "K7", shipped)["detail"] = shipped.item("K7").text.replace("including", "excluding")
    data["duties"][3]["dutyDetail"] = "Report allegations."
    said = refusal(take_in, data)
    assert "comes close to K7, which is worded differently" in said
    assert "K7 of ST1030 version 1.0 is not in the file" in said
    assert "No duty of the standard is worded “Report allegations.”" in said
    assert "Duty 4 of ST1030 version 1.0 is not in the file" in said


def test_a_missing_and_an_extra_statement_are_refused(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(shipped, {})
    data["behaviours"].pop()
    data["skills"].append({"skillId": "77", "detail": "Juggle."})
    said = refusal(take_in, data)
    assert "B7 of ST1030 version 1.0 is not in the file" in said
    assert "No skill statement of the standard is worded “Juggle.”" in said


def test_a_leading_code_that_contradicts_is_refused(
    shipped: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(shipped)
    detail_of(data, "K1", shipped)["detail"] = "K2: " + shipped.item("K1").text
    data["duties"][0]["dutyDetail"] = "Duty 2: " + shipped.item("D1").text
    said = refusal(take_in, data)
    assert "K1 is called K2 in the file" in said
    assert "Duty 1 is called D2 in the file" in said


def test_a_statement_twice_in_the_file_is_refused(shipped: Standard, take_in: Callable[..., Report]) -> None:
    data = official_of(shipped)
    data["knowledges"].append({"knowledgeId": "another-id", "detail": shipped.item("K3").text})
    assert "K3 stands twice in the file" in refusal(take_in, data)


def test_an_unknown_id_is_refused_and_named(shipped: Standard, take_in: Callable[..., Report]) -> None:
    data = official_of(shipped)
    data["duties"][4]["mappedSkills"] = ["00000000-dead-beef-0000-000000000000"]
    data["duties"][5]["mappedBehaviour"] = [guid_of(shipped, "K1")]
    said = refusal(take_in, data)
    assert "duties, number 5: mappedSkills: no statement of the file has the id 00000000-dead-beef" in said
    assert "duties, number 6: mappedBehaviour" in said
    assert "is that of a knowledge statement" in said


@pytest.mark.parametrize("nothing", [[], None])
def test_what_the_file_does_not_say_stays_as_it_was(
    shipped: Standard, take_in: Callable[..., Report], nothing: object
) -> None:
    data = official_of(shipped)
    data["duties"][3]["mappedKnowledge"] = [guid_of(shipped, "K7")]
    data["duties"][7]["mappedKnowledge"] = nothing
    data["duties"][0]["mappedKnowledge"] = nothing
    report = take_in(data)
    fourth, eighth, first = (report.standard.duties[place] for place in (3, 7, 0))
    assert fourth.known_codes == ("K7",)
    assert eighth.known_codes == shipped.duties[7].known_codes
    assert first.mapping_status is MappingStatus.UNKNOWN
    assert "Duty 8: the file gives no knowledge; the codes known until now are kept" in report.lines
    assert (
        "Duty 1: the file gives no knowledge or skills or behaviours; the mapping stays unknown"
        in report.lines
    )


def test_added_and_removed_codes_are_shown(shipped: Standard) -> None:
    mapping = {duty.code: list(duty.known_codes) for duty in shipped.duties}
    mapping["D6"] = ["K8", "K9", "K2", "K10", "K15", "K19", "K22", "K24", "K25"]
    changes = compare(shipped, read_official(as_bytes(official_of(shipped, mapping))))
    (change,) = changes.mappings
    assert (change.duty.code, change.added, change.removed) == ("D6", ("K2",), ("K26",))
    assert change.line == "Duty 6, knowledge: added K2; removed K26"


def test_key_information_is_taken_over_and_shown(shipped: Standard, take_in: Callable[..., Report]) -> None:
    data = official_of(shipped)
    data |= {"minimumHoursForCompliance": "487", "maxFunding": "£7,500", "latestStartDate": "31/07/2027"}
    report = take_in(data)
    assert report.standard.minimum_off_the_job_hours == 487
    assert report.standard.key_information.max_funding_gbp == 7500
    assert report.standard.latest_start_on == date(2027, 7, 31)
    assert report.standard.key_information.route == "Care services"
    assert report.standard.key_information.approved_on == date(2024, 10, 14)
    assert report.standard.source.origins["minimum off the job hours"].startswith("official JSON")
    assert "Minimum off the job hours: not known becomes 487" in report.lines
    assert "Latest start: not known becomes 31 July 2027" in report.lines


def change(name: str, value: object) -> Callable[[Official], object]:
    return lambda data: {**data, name: value}


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda data: b"<html>Sign in</html>", "The file is not JSON"),
        (lambda data: b"\xff\xfe{", "The file is not JSON"),
        (lambda data: b"[" * 100_000, "The file is not JSON"),
        (lambda data: [data, data], "The file holds 2 standards"),
        (lambda data: [], "The file holds 0 standards"),
        (lambda data: "text", "names and values expected"),
        (lambda data: {}, "referenceNumber: missing"),
        (change("referenceNumber", "../../x"), "referenceNumber: '../../x' is not understood"),
        (change("referenceNumber", ["X"]), "referenceNumber: a text expected"),
        (change("level", "three"), "level: a whole number from 1 to 8 expected"),
        (change("level", None), "level: the number of the level is missing"),
        (change("maxFunding", -3), "maxFunding: a whole number"),
        (change("earliestStartDate", "soon"), "earliestStartDate: a date expected, not 'soon'"),
        (change("earliestStartDate", "2024-13-01"), "earliestStartDate: a date expected"),
        (change("knowledges", {"a": 1}), "knowledges: a list expected"),
        (change("knowledges", [{"knowledgeId": "1"}]), "knowledges, number 1: no text (detail)"),
        (change("skills", [{"detail": "x"}]), "skills, number 1: no skillId"),
        (change("skills", ["x"]), "skills: a list expected"),
        (change("duties", []), "duties: there is none"),
        (change("duties", [{"dutyDetail": " "}]), "duties, number 1: no text (dutyDetail)"),
        (change("duties", [{"dutyDetail": "x", "mappedSkills": "y"}]), "mappedSkills: a list of ids expected"),
        (change("duties", [{"dutyDetail": "x", "mappedOptions": ["y"]}]), "belongs to an option"),
    ],
)  # fmt: skip
def test_a_file_of_another_shape_is_refused_in_words(
    shipped: Standard,
    take_in: Callable[..., Report],
    alter: Callable[[Official], object],
    said: str,
    tmp_path: Path,
) -> None:
    altered = alter(official_of(shipped))
    assert said in refusal(take_in, altered)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_list_is_named(shipped: Standard, take_in: Callable[..., Report]) -> None:
    data = official_of(shipped)
    del data["behaviours"]
    data["skills"][1]["skillId"] = data["skills"][0]["skillId"]
    said = refusal(take_in, data)
    assert "behaviours: missing" in said
    assert "skills, number 2: the id" in said


@pytest.mark.parametrize(("version", "read"), [("1.0", "1.0"), (1.0, "1.0"), (1, "1.0"), ("2.11", "2.11")])
def test_a_version_may_be_a_number(shipped: Standard, version: object, read: str) -> None:
    data = {**official_of(shipped), "version": version}
    assert read_official(as_bytes(data)).version == read


def test_a_file_for_another_version_is_not_compared(shipped: Standard, invented: Standard) -> None:
    with pytest.raises(
        OfficialError, match=r"The file is for XT0007 version 2\.3, not for ST1030 version 1\.0"
    ):
        compare(shipped, read_official(as_bytes(official_of(invented))))


def test_a_standard_that_is_not_here_yet_is_built_whole(
    invented: Standard, take_in: Callable[..., Report], tmp_path: Path
) -> None:
    data = official_of(invented) | {"entryRequirements": "<p>Employers&rsquo; choice.</p>"}
    report = take_in(data)
    assert report.is_new
    assert report.written_to == tmp_path / "xt0007-2.3.yaml"
    new = load_catalogue(SHIPPED, tmp_path).get("XT0007", "2.3")
    assert new == report.standard
    assert new.codes == ("K1", "K2", "K3", "S1", "S2", "D1", "D2"), "numbered in the list's own order"
    assert new.duties[0].known_codes == ("K2", "K3", "S1")
    assert new.duties[1].mapping_status is MappingStatus.UNKNOWN
    assert [one.text for one in new.entry_requirements] == ["Employers’ choice."]
    assert new.english_maths_statement == ""
    assert "This standard is new here: knowledge 3, skills 2, duties 2" in report.lines
    assert "Duty 2: the file gives no knowledge or skills; the mapping stays unknown" in report.lines


def test_codes_in_the_texts_of_a_new_standard_are_honoured(
    invented: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(invented)
    for kind in ("knowledges", "skills"):
        data[kind].reverse()
    for item in invented.statements:
        found = detail_of(data, item.code, invented)
        found["detail"] = f"{item.code}: {found['detail']}"
    data["duties"].reverse()
    for number, duty in zip((2, 1), data["duties"], strict=True):
        duty["dutyDetail"] = f"Duty {number}: {duty['dutyDetail']}"
    new = take_in(data).standard
    assert [(item.code, item.text) for item in new.items] == [
        (item.code, item.text) for item in invented.items
    ]
    assert [duty.known_codes for duty in new.duties] == [duty.known_codes for duty in invented.duties]


def test_contradicting_codes_of_a_new_standard_are_refused(
    invented: Standard, take_in: Callable[..., Report]
) -> None:
    data = official_of(invented)
    detail_of(data, "K1", invented)["detail"] = "K1: Only one with a code."
    for code in ("S1", "S2"):
        detail_of(data, code, invented)["detail"] = f"S1: {code} twice."
    data["duties"][0]["dutyDetail"] = "Duty 7: Fly."
    said = refusal(take_in, data)
    assert "Knowledge: some texts begin with a code and some do not" in said
    assert "S1 stands twice in the file" in said
    assert "The duties are not numbered from 1 to 2" in said


def test_a_new_version_of_a_known_standard_leaves_the_old_one(
    shipped: Standard, take_in: Callable[..., Report], tmp_path: Path
) -> None:
    data = official_of(shipped, full_mapping(shipped)) | {"version": "1.1", "versionNumber": "1.1"}
    detail_of(data, "K1", shipped)["detail"] = "Worded anew in this version."
    assert take_in(data).is_new
    catalogue = load_catalogue(SHIPPED, tmp_path)
    assert [one.version for one in catalogue.all()] == ["1.0", "1.1"]
    assert catalogue.get("ST1030", "1.0") == shipped
    assert catalogue.get("ST1030", "1.1").item("K1").text == "Worded anew in this version."
