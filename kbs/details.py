"""What a standard's page says beside its statements and duties: licence, entry, assessment, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

UNKNOWN = "unknown"
"""The origin of a value nobody could look up. It never means "none"."""


@dataclass(frozen=True)
class Words:
    """The words a screen uses for the end of an apprenticeship under this version of the assessment plan.

    They changed for plans revised from October 2025, so a template takes them from here and never
    spells them out. Lower case except abbreviations; a template capitalises at the start of a sentence.
    """

    assessment: str
    assessment_short: str
    assessment_organisation: str
    assessment_organisation_short: str
    assessment_plan: str
    independent_assessor: str
    gateway: str


@dataclass(frozen=True)
class KeyInformation:
    """The box of facts on the page of the standard. None where the page does not give one."""

    route: str | None = None
    status: str | None = None
    lars_code: int | None = None
    approved_on: date | None = None
    earliest_start_on: date | None = None
    latest_start_on: date | None = None
    typical_duration_months: int | None = None
    assessment_period_months: int | None = None
    max_funding_gbp: int | None = None
    minimum_off_the_job_hours: int | None = None
    quality_assurer: str | None = None
    job_titles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occupation:
    """The prose that introduces the occupation; empty where it was not at hand."""

    summary: str = ""
    purpose: str = ""
    daily_work: str = ""
    responsibilities: str = ""


@dataclass(frozen=True)
class EntryRequirement:
    """One requirement to enter the programme. `kind` says what it asks for, so that other code can find it."""

    id: str
    text: str
    kind: str
    origin: str


@dataclass(frozen=True)
class AssessmentMethod:
    """One method of the assessment plan and the statements it assesses; None where that is not known."""

    name: str
    codes: tuple[str, ...] | None
    origin: str


@dataclass(frozen=True)
class AssessmentOrganisation:
    """An organisation known to offer the assessment, and where that was read."""

    name: str
    origin: str


@dataclass(frozen=True)
class Assessment:
    """What is known of the assessment plan. `methods` is None while the plan has not been read."""

    plan_version: str | None
    plan_found: bool
    note: str
    behaviours_verified_by_employer: bool
    methods: tuple[AssessmentMethod, ...] | None
    organisations: tuple[AssessmentOrganisation, ...]


@dataclass(frozen=True)
class Licence:
    """On what terms the wording is shown, and the acknowledgement that has to be shown with it."""

    name: str
    url: str
    copyright: str
    attribution: str


@dataclass(frozen=True)
class ImportedFile:
    """An official file that was taken in: its name, its SHA-256 in hex and the day."""

    file_name: str
    sha256: str
    imported_on: date


@dataclass(frozen=True)
class Source:
    """Where the standard's parts come from: part -> origin, page -> address, and official files taken in."""

    origins: Mapping[str, str]
    pages: Mapping[str, str]
    imports: tuple[ImportedFile, ...] = ()
