"""Builds an official JSON of a standard, in the shape of the Skills England address for one standard."""

import json
import uuid
from typing import Any

from kbs.statements import ItemKind, Standard, Statement

Official = dict[str, Any]
MAPPED = {
    ItemKind.KNOWLEDGE: "mappedKnowledge",
    ItemKind.SKILL: "mappedSkills",
    ItemKind.BEHAVIOUR: "mappedBehaviour",
}
LISTS = {
    ItemKind.KNOWLEDGE: ("knowledges", "knowledgeId"),
    ItemKind.SKILL: ("skills", "skillId"),
    ItemKind.BEHAVIOUR: ("behaviours", "behaviourId"),
}


def guid_of(standard: Standard, code: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://ids.example/{standard.reference}/{code}"))


def official_of(standard: Standard, mapping: dict[str, list[str]] | None = None) -> Official:
    """The JSON object; `mapping` (duty code -> statement codes) replaces what the standard knows."""
    chosen = {duty.code: list(duty.known_codes) for duty in standard.duties} if mapping is None else mapping
    data: Official = {
        "referenceNumber": standard.reference,
        "version": standard.version,
        "versionNumber": standard.version,
        "title": standard.title,
        "level": standard.level,
        "larsCode": standard.key_information.lars_code or 0,
        "status": standard.key_information.status,
        "typicalDuration": standard.typical_duration_months,
        "ePALength": standard.key_information.assessment_period_months,
        "minimumHoursForCompliance": None,
        "maxFunding": standard.key_information.max_funding_gbp,
        "route": standard.key_information.route,
        "earliestStartDate": f"{standard.earliest_start_on}T00:00:00" if standard.earliest_start_on else None,
        "latestStartDate": "Not set",
        "typicalJobTitles": list(standard.key_information.job_titles),
        "entryRequirements": None,
        "eQAProvider": {"providerName": standard.key_information.quality_assurer or ""},
    }
    for kind, (list_name, id_name) in LISTS.items():
        data[list_name] = [
            {id_name: guid_of(standard, one.code), "detail": one.text} for one in standard.items_of(kind)
        ]
    data["duties"] = [
        {
            "dutyID": guid_of(standard, duty.code),
            "dutyDetail": duty.text,
            "isThisACoreDuty": 1,
            "mappedOptions": None,
            **{
                name: [
                    guid_of(standard, code)
                    for code in chosen.get(duty.code, [])
                    if is_of(standard, code, kind)
                ]
                for kind, name in MAPPED.items()
            },
        }
        for duty in standard.duties
    ]
    return data


def is_of(standard: Standard, code: str, kind: ItemKind) -> bool:
    return standard.item(code).kind is kind


def full_mapping(standard: Standard) -> dict[str, list[str]]:
    """An invented mapping with at least one statement of each kind for each duty, keeping what is known."""
    kinds = [kind for kind in standard.kinds_present if kind is not ItemKind.DUTY]
    full: dict[str, list[str]] = {}
    for place, duty in enumerate(standard.duties):
        codes = list(duty.known_codes)
        for kind in kinds:
            items = standard.items_of(kind)
            if not any(is_of(standard, code, kind) for code in codes):
                codes += [items[place % len(items)].code, items[-1].code]
        full[duty.code] = list(dict.fromkeys(codes))
    return full


def as_bytes(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def detail_of(data: Official, code: str, standard: Standard) -> dict[str, Any]:
    """The object of one statement in the official data."""
    item = standard.item(code)
    assert isinstance(item, Statement)
    list_name, id_name = LISTS[item.kind]
    return next(one for one in data[list_name] if one[id_name] == guid_of(standard, code))
