"""A signature is the password again: checked before the transaction that it signs begins.

Checking takes a quarter of a second on purpose. Inside the transaction it would hold up everybody who writes
(SQLite has one writer), and a wrong try could not be counted, since what is counted must stay when the rest is
undone. So a form that is signed is read by `signed_form` instead of `submitted`; tries are limited as they are
when signing in, apart from those.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Depends, Request
from pydantic import BaseModel

from portfolio.database import Database
from portfolio.people import attempts
from portfolio.people.models import Person
from portfolio.people.passwords import check_password
from portfolio.people.sessions import find_viewer
from portfolio.refusals import SignInNeeded
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted

WRONG = "This is not your password. Try again; {nothing}."
NOTHING_SIGNED = "nothing has been signed"
SIGNATURE = "signature"


def signed_form(model: type[BaseModel], nothing: str = NOTHING_SIGNED) -> Callable[..., Submitted[BaseModel]]:
    """A dependency that reads a form with a field `password`, and refuses it there if that is not the password of
    whoever is signed in. First parameter of its route, like `submitted`. `nothing` ends the sentence that refuses."""

    def read_signed(
        request: Request,
        form: Submitted[BaseModel] = Depends(submitted(model)),  # noqa: B008  # `model` is not global
    ) -> Submitted[BaseModel]:
        database: Database = request.app.state.database
        with database.session(write=False) as session:
            viewer = find_viewer(request, session)
            if viewer is None:
                raise SignInNeeded
            stored = session.get_one(Person, viewer.person_id).password_hash
        if form.value is None:
            return form
        password: str = getattr(form.value, "password", "")
        now = utc_now()
        if minutes := attempts.take(request, viewer.email, now, SIGNATURE):
            form.refuse("password", f"{attempts.too_many(minutes)} {nothing[0].upper()}{nothing[1:]}.")
        elif not check_password(password, stored):
            form.refuse("password", WRONG.format(nothing=nothing))
        else:
            with database.session(write=True) as own:
                attempts.forgive(own, request, viewer.email, now, SIGNATURE)
                database.commit(own)
        return form

    return read_signed
