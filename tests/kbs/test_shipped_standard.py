"""The shipped standard is the published one, word for word, and says no more than is known."""

from datetime import date
from hashlib import sha256
from itertools import pairwise

from kbs.catalogue import SHIPPED
from kbs.statements import ItemKind, MappingStatus, Standard, code_key


def digest(standard: Standard, *kinds: ItemKind) -> str:
    lines = "\n".join(f"{item.label}: {item.text}" for kind in kinds for item in standard.items_of(kind))
    return sha256(lines.encode()).hexdigest()[:16]


def test_it_has_as_many_items_of_each_kind_as_published(shipped: Standard) -> None:
    counts = [len(shipped.items_of(kind)) for kind in ItemKind]
    assert counts == [31, 28, 7, 15]
    assert len(shipped.statements) == 66
    assert (shipped.reference, shipped.version, shipped.level) == ("ST1030", "1.0", 3)
    assert shipped.title == "Safeguarding support officer"


def test_every_word_is_the_published_one(shipped: Standard) -> None:
    assert digest(shipped, ItemKind.KNOWLEDGE) == "2b2e6a2c46dc0b72"
    assert digest(shipped, ItemKind.SKILL) == "918f93dab7ca129e"
    assert digest(shipped, ItemKind.BEHAVIOUR) == "10ba5ec3340e0467"
    assert digest(shipped, ItemKind.DUTY) == "ed1fda95e8ae81d9"


def test_known_sentences_stand_under_their_codes(shipped: Standard) -> None:
    assert shipped.item("K2").text == "Methods for person-centred communication."
    assert shipped.item("K12").text == "Local safeguarding escalation pathways."
    assert shipped.item("S4").text == "Triage and prioritise safeguarding concerns."
    assert shipped.item("B7").text == "Be professional and courteous."
    assert shipped.item("D1").text == "Act as a first point of contact for safeguarding concerns."
    assert shipped.item("D4").text == "Report safeguarding allegations involving staff to Senior leaders."


def test_items_stand_in_the_order_of_their_codes(shipped: Standard) -> None:
    assert all(code_key(before) < code_key(after) for before, after in pairwise(shipped.codes))


def test_the_mapping_is_known_only_where_it_was_published(shipped: Standard) -> None:
    known = {
        duty.number: {kind.letter for kind, mapped in duty.mapping.items() if mapped.codes}
        for duty in shipped.duties
    }
    partly = {2: {"K", "S"}, **{number: {"K"} for number in (3, 5, 6, 8, 12, 15)}}
    assert known == {number: partly.get(number, set()) for number in range(1, 16)}
    assert shipped.mapping_status is MappingStatus.PARTIAL


def test_codes_of_known_mappings(shipped: Standard) -> None:
    duty = shipped.duties[7]
    assert duty.known_codes == ("K1", "K3", "K4", "K5", "K6", "K12", "K13", "K14", "K19", "K30")
    assert len(shipped.duties[1].known_codes) == 44
    assert shipped.duties[0].known_codes == ()


def test_every_origin_is_named_and_none_names_a_file_of_ours(shipped: Standard) -> None:
    origins = [mapped.origin for duty in shipped.duties for mapped in duty.mapping.values()]
    assert set(origins) == {"published standard page", "unknown"}
    assert "seed" not in (SHIPPED / "st1030-1.0.yaml").read_text()


def test_entry_requirement_english_and_maths_and_licence_are_there(shipped: Standard) -> None:
    dbs = next(one for one in shipped.entry_requirements if one.kind == "satisfactory_enhanced_dbs")
    assert dbs.text == "A satisfactory enhanced DBS check will be an entry requirement for the programme."
    assert shipped.english_maths_statement.startswith(
        "Apprentices without level 2 English and maths will need"
    )
    assert "Entry Level 3" in shipped.english_maths_statement
    assert "British Sign Language (BSL)" in shipped.english_maths_statement
    assert "Open Government Licence v3.0" in shipped.attribution
    assert "Crown copyright © 2025" in (SHIPPED / "st1030-1.0.yaml").read_text().splitlines()[3]


def test_dates_and_durations_are_those_of_the_page(shipped: Standard) -> None:
    assert shipped.earliest_start_on == date(2024, 10, 16)
    assert shipped.latest_start_on is None
    assert shipped.typical_duration_months == 18
    assert shipped.minimum_off_the_job_hours is None


def test_the_assessment_plan_is_said_to_be_unknown(shipped: Standard) -> None:
    assert shipped.assessment.plan_found is False
    assert shipped.assessment.methods is None
    assert [one.name for one in shipped.assessment.organisations] == ["iCQ Awards", "SFJ Awards"]
    assert shipped.words.assessment_short == "EPA"
