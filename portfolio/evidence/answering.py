"""Answering the form of a piece: what was asked, what was kept, and the page that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.queries_contacts import contacts_around
from portfolio.evidence import actions, attaching, checked, drafting, forms, queries, revisions, rules
from portfolio.evidence.drafting import Kept
from portfolio.evidence.finding import finder
from portfolio.evidence.forms import PieceForm, Written
from portfolio.evidence.intake import Sent
from portfolio.evidence.merging import NOTE
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.notices import sentence_for
from portfolio.evidence.revisions import DAYS, Based
from portfolio.evidence.types import TYPES, choices, label_of
from portfolio.findings.checking import reasons_in, stopped
from portfolio.refusals import NotFound
from portfolio.web.formats import date_words, london_day, utc_now
from portfolio.web.forms import Submitted, new_form_key
from portfolio.web.page import Page
from storage.arriving import REMOVE
from storage.kinds import ACCEPTED, KINDS, accept_attribute

FIELDS = {
    "type": "Type of evidence",
    "title": "Title",
    "happened_on": "When it happened",
    "what_happened": "What happened",
    "what_i_did": "What I did",
    "why": "Why I did it that way",
    "original_what": "What the original is",
    "original_kept_at": "Where the original is kept",
    "original_seen_by": "Who saw the original",
    "original_seen_on": "When they saw it",
    "confidentiality": "What this is",
}
FILES_SAVED = "Your files are saved with a draft, which only you can see."


def field_words(name: str) -> str:
    """What a field is called on the page."""
    if name.startswith(NOTE):
        return f"What you say about {name.removeprefix(NOTE)}"
    return FIELDS.get(name, name)


def value_words(name: str, value: str) -> str:
    """What stands in a field, as people read it."""
    if not value:
        return "Nothing"
    if name == "type":
        return label_of(value)
    if name == "confidentiality":
        return next((label for key, label, _ in rules.CONFIDENTIALITY if key == value), value)
    return date_words(date.fromisoformat(value)) if name in DAYS else value


@dataclass(frozen=True)
class Answer:
    """One form that came in, and everything needed to answer it."""

    sent: Sent
    page: Page
    session: Session
    opened: Opened
    asked: PieceForm
    written: Written
    most_files: int
    now: datetime
    based: Based

    @classmethod
    def begin(cls, sent: Sent, page: Page, session: Session, opened: Opened, request: Request) -> Answer:
        asked = forms.readable(sent.form)
        written = forms.written(sent.form, asked, opened.standard)
        state = request.app.state
        most = state.settings.files_per_piece
        based = Based.of(sent.form, request)
        return cls(sent, page, session, opened, asked, written, most, utc_now(), based)

    @property
    def only_finds(self) -> bool:
        """A search saves nothing, unless files came with it: they would be lost."""
        return self.asked.wants_to_find and not self.sent.arrived.any

    @property
    def wants_more(self) -> bool:
        """Whether something is asked besides saving: then it is done also when nothing is new to save."""
        form = self.sent.form
        return self.asked.submits or bool(form.text("choose")) or any(reasons_in(form).values())

    def says_the_same(self, version: EvidenceVersion) -> bool:
        """Whether this form holds nothing that the stored version does not: it was sent twice."""
        known = {attachment.file.sha256_received for attachment in version.attachments}
        came = {file.sha256_received for file in self.sent.arrived.files}
        titled = self.written.title or version.title
        same = {**self.written.__dict__, "title": titled} == forms.content_of(version).__dict__
        return same and came <= known and not self.asked.remove_file and not self.sent.arrived.problems

    def after(self, kept: Kept) -> Response:
        """The draft is saved. Now what was asked besides: remove or rename a file, look for statements, submit."""
        submits = self.asked.submits
        found = checked.save_reasons(
            self.session, self.opened, kept.version, self.sent.form, always=submits, now=self.now
        )
        if other := self._asked_besides(kept):
            return other
        problems = [*self.sent.arrived.problems, *kept.files.problems]
        if submits:
            self._note_what_is_missing(kept.version)
            stopped(self.sent.form, found)
        if problems or self.sent.form.errors:
            before = "Saved as a draft. Mend this before it can be submitted"
            heading = before if submits else "Saved as a draft, but for this"
            return self._page_of_draft(kept, status=422, heading=heading, problems=problems)
        if kept.beside:
            return self._go_to_edit(kept, "beside", anchor="beside")
        if self.asked.wants_to_find:
            return self._page_of_draft(kept, said=FILES_SAVED)
        if submits:
            actions.submit(self.session, self.opened, kept.evidence, now=self.now, today=london_day(self.now))
            return self.go_to_piece(kept.evidence, "submitted", once=kept.files.once)
        done = "titled" if kept.title_made else "saved"
        return self.go_to_piece(kept.evidence, done, once=kept.files.once)

    def _asked_besides(self, kept: Kept) -> Response | None:
        if self.asked.remove_file:
            return self._remove_file(kept)
        if self.asked.keep_file:
            return self._keep_file(kept)
        if self.asked.rename_file:
            return self._rename_file(kept)
        if wish := self.sent.form.text("choose"):
            most, now = self.most_files, self.now
            drafting.choose(self.session, self.opened, kept, wish, most_files=most, now=now)
            return self._go_to_edit(kept, "chosen", anchor="beside")
        if self.asked.kept_form:
            return self._go_to_edit(kept, "kept")
        return None

    def _note_what_is_missing(self, version: EvidenceVersion) -> None:
        today = london_day(self.now)
        for field, sentence in rules.reasons_not_to_submit(queries.facts_of(version), today):
            self.sent.form.errors.setdefault(field, sentence)

    def _remove_file(self, kept: Kept) -> Response:
        try:
            file_id = UUID(self.asked.remove_file)
        except ValueError:
            raise NotFound from None
        by = self.opened.viewer.person_id
        attaching.remove_file(self.session, kept.version, file_id, by=by, now=self.now)
        return self._go_to_edit(kept, "removed")

    def _keep_file(self, kept: Kept) -> Response:
        try:
            file_id = UUID(self.asked.keep_file)
        except ValueError:
            raise NotFound from None
        by = self.opened.viewer.person_id
        attaching.keep_uncleaned(self.session, kept.version, file_id, by=by, now=self.now)
        return self._go_to_edit(kept, "kept_uncleaned")

    def _rename_file(self, kept: Kept) -> Response:
        try:
            file_id = UUID(self.asked.rename_file)
        except ValueError:
            raise NotFound from None
        name, by = self.sent.form.text(f"new_name_{file_id}"), self.opened.viewer.person_id
        if problem := attaching.rename_file(self.session, kept.version, file_id, name, by=by, now=self.now):
            self.sent.form.errors["files"] = problem
            heading = "Saved as a draft, but for the name of a file"
            return self._page_of_draft(kept, status=422, heading=heading)
        return self._go_to_edit(kept, "renamed")

    def _go_to_edit(self, kept: Kept, done: str, *, anchor: str = "files") -> Response:
        return self.page.go_to(
            "evidence.edit",
            anchor=anchor,
            query={"done": done},
            apprenticeship_id=self.opened.id,
            evidence_id=kept.evidence.id,
        )

    def go_to_piece(self, evidence: Evidence, done: str, *, once: int = 0) -> Response:
        query = {"done": done} | ({"once": "1"} if once else {})
        return self.page.go_to(
            "evidence.show", query=query, apprenticeship_id=self.opened.id, evidence_id=evidence.id
        )

    def page_as_typed(
        self,
        piece: queries.Piece | None,
        *,
        status: int = 200,
        heading: str = "",
        problems: list[str] | None = None,
    ) -> Response:
        """The same page again with everything typed still there."""
        checked.show_typed(self.session, self.opened, self.written, self.sent.form)
        return form_page(
            self.page,
            self.session,
            self.opened,
            self.sent.form,
            evidence=piece.evidence if piece else None,
            version=piece.version if piece else None,
            asked=self.asked,
            status=status,
            heading=heading,
            problems=problems,
        )

    def page_sent_before(self) -> Response:
        """This very page made another piece before, which stays as it is. Nothing is kept of this, but everything
        typed is shown again, with a key of its own: sent from here it is a new piece."""
        form = self.sent.form
        form.typed.pop("form_key", None)
        form.typed.pop("base", None)
        form.errors = {
            "title": "What was sent from this page before is submitted and stays as it is. "
            "To keep what is typed here as another piece, send it from here."
        }
        again = ["Choose the files again: nothing was kept of those that you sent just now."]
        problems = again if self.sent.arrived.any else []
        heading = "This page was sent before, with something else in it"
        return self.page_as_typed(None, status=409, heading=heading, problems=problems)

    def _page_of_draft(
        self,
        kept: Kept,
        *,
        status: int = 200,
        heading: str = "",
        problems: list[str] | None = None,
        said: str = "",
    ) -> Response:
        self.sent.form.typed.setdefault("title", [kept.version.title])
        if not self.sent.form.text("title"):
            self.sent.form.typed["title"] = [kept.version.title]
        response = form_page(
            self.page,
            self.session,
            self.opened,
            self.sent.form,
            evidence=kept.evidence,
            version=kept.version,
            asked=self.asked,
            status=status,
            heading=heading,
            problems=problems,
            said=said,
        )
        response.headers["HX-Push-Url"] = self.page.path_for(
            "evidence.edit", apprenticeship_id=self.opened.id, evidence_id=kept.evidence.id
        )
        return response


def words_of_the_form() -> dict[str, Any]:
    """What the parts of the form (evidence/form_*.html) offer and say to everybody, with signal and without."""
    return {
        "types": choices(),
        "reflective_hint": next((f"{one.label}: {one.hint}." for one in TYPES.values() if one.hint), ""),
        "choices": rules.CONFIDENTIALITY,
        "rules": rules,
        "accepted": ACCEPTED,
        "accept": accept_attribute(),
        "remove_comments": REMOVE,
    }


def form_page(
    page: Page,
    session: Session,
    opened: Opened,
    form: Submitted[PieceForm],
    *,
    evidence: Evidence | None = None,
    version: EvidenceVersion | None = None,
    asked: PieceForm | None = None,
    status: int = 200,
    heading: str = "",
    problems: list[str] | None = None,
    said: str = "",
    done: str = "",
) -> Response:
    """The page to add (no `evidence`) or to edit. htmx gets the part that it asked to be replaced.

    A search that is sent while a tick is still on its way takes its place. It carries the tick, so its results leave
    that item out: then the chosen ones come along, or the item would be in neither list. Otherwise they stay as they
    are, since somebody may be writing a note there."""
    address = {"apprenticeship_id": opened.id}
    if evidence is None:
        action = page.path_for("evidence.create", **address)
    else:
        action = page.path_for("evidence.save", evidence_id=evidence.id, **address)
    asked = asked or PieceForm.model_validate({})
    context: dict[str, Any] = {
        "opened": opened,
        "contacts": lambda: contacts_around(session, opened.apprenticeship),
        "form": form,
        "evidence": evidence,
        "version": version,
        "action": action,
        "form_key": new_form_key(),
        "base": form.text("base") or (revisions.base_of(session, version) if version else ""),
        "beside": revisions.beside(session, version),
        "field_words": field_words,
        "value_words": value_words,
        "finder": finder(
            queries.coverage_of(session, opened.id, opened.standard),
            chosen=forms.chosen(form, opened.standard),
            q=asked.q,
            browse=asked.browse,
            text=forms.words_typed(form),
        ),
        "file_findings": checked.of_files(session, opened, version, form) if version else [],
        "heading": heading,
        "problems": problems or [],
        "said": said or sentence_for(done),
        **words_of_the_form(),
        "kinds": KINDS,
        "saved": False,  # whatever is saved leads to another page
        "shown_otherwise": False,
    }
    target = page.request.headers.get("HX-Target", "") if asked.wants_to_find else ""
    if target == "item_results":
        shown = form.text("shown")
        context["shown_otherwise"] = bool(shown) and shown != context["finder"].chosen_codes
        return page("evidence/edit.html", fragment="item_results", status=status, **context)
    if target == "item_finder":
        return page("evidence/edit.html", fragment="item_finder", status=status, **context)
    return page("evidence/edit.html", fragment="evidence_form", status=status, **context)
