"""What an apprentice fills in to keep a piece. A draft is always saved: a field that cannot be read is left
out and named, and everything else is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field

from kbs.statements import Standard, in_order
from portfolio.evidence.models import EvidenceVersion
from portfolio.evidence.rules import CONFIDENTIALITY, LONGEST_TITLE
from portfolio.evidence.types import TYPES
from portfolio.web.forms import Form, OptionalDate, Submitted, Text, Tick, check, filled

Claimed = Annotated[list[str], Field(default_factory=list)]


class PieceForm(Form):
    """The page to add or edit a piece, with its buttons: save, submit, find, a kind to browse, a file to remove."""

    type: str = ""
    title: str = ""
    happened_on: OptionalDate = None
    what_happened: str = ""
    what_i_did: str = ""
    why: str = ""
    claim: Claimed
    original_kept_at: str = ""
    original_seen_by: str = ""
    original_what: str = ""
    original_seen_on: OptionalDate = None
    confidentiality: str = ""
    nobody_identifiable: Tick = False
    own_work: Tick = False
    remove_comments: Tick = False
    """Of documents that come with this form: they may lose their comments and tracked changes."""
    form_key: str = ""
    q: str = ""
    action: str = ""
    browse: str = ""
    remove_file: str = ""
    keep_file: str = ""
    """A file that could not be cleaned, and that its owner keeps as it is."""
    rename_file: str = ""
    """Its new name is `new_name_<id>`."""
    kept_form: str = ""
    """Set when the text comes back after the session had ended: its files did not survive."""

    @property
    def submits(self) -> bool:
        return self.action == "submit" and not self.kept_form

    @property
    def wants_to_find(self) -> bool:
        """Searching, browsing, or Enter in the search box: nothing is to be saved for that."""
        return self.action == "find" or bool(self.browse) or (self.action == "enter" and bool(self.q))


class WithdrawForm(Form):
    """Why a piece is taken out of the portfolio."""

    reason: Text


@dataclass(frozen=True)
class Written:
    """Everything that a draft holds but its files. `claims`: code → note, in the standard's order."""

    type: str = ""
    title: str = ""
    happened_on: date | None = None
    what_happened: str = ""
    what_i_did: str = ""
    why: str = ""
    original_kept_at: str = ""
    original_seen_by: str = ""
    original_what: str = ""
    original_seen_on: date | None = None
    confidentiality: str = ""
    nobody_identifiable: bool = False
    own_work: bool = False
    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, str, str]:
        return (self.what_happened, self.what_i_did, self.why)

    @property
    def is_empty(self) -> bool:
        """Nothing that anybody would miss: neither words nor a date nor a claim."""
        words = (self.title, *self.texts, self.original_kept_at, self.original_seen_by, self.original_what)
        days = (self.happened_on, self.original_seen_on)
        return not any(words) and not any(days) and not self.claims


def readable(form: Submitted[PieceForm]) -> PieceForm:
    """The form, without the fields that could not be read; those keep their mistake on `form`."""
    if form.value is not None:
        return form.value
    kept = {
        name: values
        for name, values in form.typed.items()
        if not any(name == wrong or name.startswith(f"{wrong}_") for wrong in form.errors)
    }
    return check(PieceForm, kept).value or PieceForm.model_validate({})


def written(form: Submitted[PieceForm], asked: PieceForm, standard: Standard) -> Written:
    """What to keep. Mistakes are noted on the form, and what they spoil is mended or left out, never the rest."""
    claims = chosen(form, standard)
    if unknown := [code for code in asked.claim if code not in standard]:
        form.errors["claims"] = f"{', '.join(unknown)[:80]}: not in this standard. Choose from the list."
    if len(asked.title) > LONGEST_TITLE:
        form.errors["title"] = (
            f"The title has {len(asked.title)} characters. Shorten it to {LONGEST_TITLE}; its beginning is saved."
        )
    choices = {value for value, _, _ in CONFIDENTIALITY}
    return Written(
        type=asked.type if asked.type in TYPES else "",
        title=" ".join(asked.title.split())[:LONGEST_TITLE],
        happened_on=asked.happened_on,
        what_happened=asked.what_happened,
        what_i_did=asked.what_i_did,
        why=asked.why,
        original_kept_at=asked.original_kept_at,
        original_seen_by=asked.original_seen_by,
        original_what=asked.original_what,
        original_seen_on=asked.original_seen_on,
        confidentiality=asked.confidentiality if asked.confidentiality in choices else "",
        nobody_identifiable=asked.nobody_identifiable,
        own_work=asked.own_work,
        claims=claims,
    )


def chosen(form: Submitted[PieceForm], standard: Standard) -> dict[str, str]:
    """The claims ticked on the page with their notes: code → note, K2 before K10; unknown codes left out."""
    codes = in_order(code for code in form.all("claim") if code in standard)
    return {code: form.text(f"note_{code}").strip() for code in codes}


def words_typed(form: Submitted[PieceForm]) -> str:
    """All the words that suggestions are found in."""
    return "\n".join(form.text(name) for name in ("title", "what_happened", "what_i_did", "why"))


def from_version(version: EvidenceVersion, *, anew: bool = False) -> Submitted[PieceForm]:
    """The form as it was saved; `anew`: a new version begins, so the declarations have to be made again."""
    form: Submitted[PieceForm] = filled(
        type=version.type,
        title=version.title,
        happened_on=version.happened_on,
        what_happened=version.what_happened,
        what_i_did=version.what_i_did,
        why=version.why,
        claim=[claim.item_code for claim in version.claims],
        original_kept_at=version.original_kept_at,
        original_seen_by=version.original_seen_by,
        original_what=version.original_what,
        original_seen_on=version.original_seen_on,
        confidentiality=version.confidentiality,
        **{f"note_{claim.item_code}": claim.note for claim in version.claims},
    )
    for name in ("nobody_identifiable", "own_work"):
        form.typed[name] = ["yes"] if getattr(version, name) and not anew else []
    for name in ("happened_on", "original_seen_on"):
        if getattr(version, name) is None:
            form.typed.pop(name, None)
    return form


def content_of(version: EvidenceVersion) -> Written:
    """What a stored version says, to compare with what was sent again by a double tap."""
    names = [name for name in Written.__dataclass_fields__ if name != "claims"]
    claims = {claim.item_code: claim.note for claim in version.claims}
    return Written(**{name: getattr(version, name) for name in names}, claims=claims)
