"""Items, codes, and what is known of the mapping, on the shipped and on an invented standard."""

import pytest

from kbs.statements import (
    DutiesNaming,
    DutyMapping,
    ItemKind,
    MappingStatus,
    Standard,
    UnknownItem,
    in_order,
    with_own_mapping,
)


def test_codes_sort_as_the_trade_does() -> None:
    assert in_order(["D2", "B1", "S2", "K10", "S10", "K2", "D10", "K2"]) == [
        "K2", "K10", "S2", "S10", "B1", "D2", "D10",
    ]  # fmt: skip


def test_kinds_have_their_names() -> None:
    assert [kind.label for kind in ItemKind] == ["Knowledge", "Skill", "Behaviour", "Duty"]
    assert [kind.plural for kind in ItemKind] == ["Knowledge", "Skills", "Behaviours", "Duties"]
    assert "".join(kind.letter for kind in ItemKind) == "KSBD"


def test_statements_and_duties_are_items_alike(invented: Standard) -> None:
    assert invented.codes == ("K1", "K2", "K10", "S1", "S2", "D1", "D2")
    assert [item.label for item in invented.items[-3:]] == ["S2", "Duty 1", "Duty 2"]
    assert invented.position("K10") == 2
    assert invented.item("D2").kind is ItemKind.DUTY
    assert invented.item("S2").text == "Test a kite in light and strong wind."
    assert "S2" in invented
    assert "S3" not in invented


def test_a_code_of_another_standard_is_unknown(invented: Standard) -> None:
    with pytest.raises(UnknownItem, match=r"K31 is not a statement or duty of XT0007 version 2\.3"):
        invented.item("K31")
    with pytest.raises(KeyError):
        invented.position("B1")


def test_kinds_a_standard_lacks_are_not_present(invented: Standard) -> None:
    assert invented.kinds_present == (ItemKind.KNOWLEDGE, ItemKind.SKILL, ItemKind.DUTY)
    assert invented.items_of(ItemKind.BEHAVIOUR) == ()


def test_mapping_status_counts_only_kinds_the_standard_has(invented: Standard) -> None:
    first, second = invented.duties
    assert first.mapping_status is MappingStatus.KNOWN
    assert first.known_codes == ("K2", "K10", "S1")
    assert second.mapping_status is MappingStatus.UNKNOWN
    assert second.unknown_kinds == (ItemKind.KNOWLEDGE, ItemKind.SKILL)


def test_an_unknown_mapping_is_none_and_never_empty(shipped: Standard, invented: Standard) -> None:
    for standard in (shipped, invented):
        for duty in standard.duties:
            assert all(mapped.codes is None or mapped.codes for mapped in duty.mapping.values())


def test_the_duties_naming_a_statement_are_incomplete_while_mappings_are_unknown(shipped: Standard) -> None:
    duties, complete = shipped.duties_for("K6")
    assert [duty.number for duty in duties] == [2, 3, 5, 8]
    assert not complete
    assert shipped.duties_for("B1") == DutiesNaming((), complete=False)


def test_a_providers_own_mapping_is_a_layer_of_its_own(invented: Standard) -> None:
    ours = with_own_mapping(invented, {"D1": ["K1"], "D2": ["K1", "K10"]}, "our mapping, agreed in May")
    first, second = ours.duties
    assert first == invented.duties[0], "what is published is not touched"
    assert second.mapping[ItemKind.KNOWLEDGE] == DutyMapping(
        ("K1", "K10"), "our mapping, agreed in May", "ours"
    )
    assert second.mapping[ItemKind.SKILL].codes is None
    assert second.own_codes == ("K1", "K10")
    assert (second.known_codes, second.mapping_status) == ((), MappingStatus.UNKNOWN)
    assert not ours.duties_for("K1").complete


def test_an_own_mapping_with_a_strange_code_is_refused(invented: Standard) -> None:
    with pytest.raises(UnknownItem):
        with_own_mapping(invented, {"D1": ["K99"]}, "ours")
    with pytest.raises(UnknownItem):
        with_own_mapping(invented, {"D9": ["K1"]}, "ours")


def test_standards_can_be_kept_in_sets(shipped: Standard, invented: Standard) -> None:
    assert len({shipped, invented, shipped}) == 2
    assert len({*shipped.items, *shipped.items}) == len(shipped.items)
