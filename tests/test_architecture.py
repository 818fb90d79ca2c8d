"""Rules of the code that no single test of a capability can see."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from portfolio import access, database
from portfolio.apprenticeships.guards import Needs
from portfolio.people.guards import NeedsAdmin, NeedsInProvider
from portfolio.people.sessions import signed_in

ROOT = Path(__file__).resolve().parent.parent

OPEN = {
    "static": "style, script and icon",
    "people.sign_in": "nobody is signed in yet",
    "people.sign_in_now": "nobody is signed in yet",
    "people.forgotten": "nobody is signed in yet",
    "people.forgotten_now": "nobody is signed in yet",
    "people.set_password": "the single-use link is the proof",
    "people.set_password_now": "the single-use link is the proof",
    "reminders.stop": "the sealed link from a digest is the proof, and all it can do is stop the digest",
    "reminders.stop_now": "the same",
    "standards.list": "official wording is public",
    "standards.show": "official wording is public",
    "evidence.offline": "the page without signal is made for nobody and holds nothing of anybody",
    "evidence.worker": "the same",
    "evidence.manifest": "name and pictures for a phone's home screen",
    "serving.healthz": "says that the process answers, and nothing else",
    "serving.readyz": "names parts that work or do not, and nothing in them",
}
OWN = {
    "assessment.queue": "starts from the viewer's own assignments as assessor",
    "apprenticeships.list": "starts from visible_to",
    "evidence.receipt": "the query asks for what the viewer sent",
    "audit.own": "events by or about the viewer",
    "people.sign_out": "ends the viewer's own session",
    "people.kept_form": "the query asks for the viewer's own",
    "people.discard_kept_form": "the query asks for the viewer's own",
    "people.account": "the viewer's own account",
    "people.end_session": "the query asks for the viewer's own",
    "people.end_other_sessions": "the viewer's own sessions",
    "people.change_password": "the viewer's own",
    "people.change_password_now": "the viewer's own",
    "people.change_address": "the viewer's own",
    "people.change_address_now": "the viewer's own",
    "reminders.settings": "the viewer's own choice and digests",
    "reminders.save": "the viewer's own choice",
    "home.show": "every section starts from what the viewer is",
}
"""Signed in is enough: the route reads or changes nothing but the viewer's own, or starts from visible_to."""


GUARDS = (Needs, NeedsInProvider, NeedsAdmin)


@dataclass(frozen=True)
class Route:
    """A route as it is reached: with the prefixes of the routers around it."""

    name: str
    path: str
    methods: frozenset[str]
    endpoint: Callable[..., Any]
    calls: tuple[Any, ...]

    @property
    def guarded(self) -> bool:
        return any(isinstance(getattr(call, "permission", None), access.Permission) for call in self.calls)


def routes(app: FastAPI) -> list[Route]:
    """Every route, also of included routers. Asserts that there are some: an empty loop proves nothing."""
    found = [
        Route(
            context.name or "",
            context.path or "",
            frozenset(context.methods or ()),
            context.endpoint,
            tuple(calls(context.dependant)),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute) and context.endpoint is not None
    ]
    assert len(found) > 20
    return found


def calls(dependant: Dependant) -> Iterator[Any]:
    if dependant.call is not None:
        yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


def test_every_route_has_a_guard_or_is_named_as_open(app: FastAPI) -> None:
    for route in routes(app):
        if route.name in OPEN:
            continue
        assert signed_in in route.calls, f"{route.name} does not ask who is there"
        assert route.guarded or route.name in OWN, f"{route.name} has no guard and no entry in this test"


def test_the_lists_of_open_and_own_routes_name_only_routes_that_exist(app: FastAPI) -> None:
    names = {route.name for route in routes(app)}
    assert set(OPEN) | set(OWN) <= names, (set(OPEN) | set(OWN)) - names


def test_addresses_about_an_apprenticeship_are_guarded_by_it(app: FastAPI) -> None:
    for route in routes(app):
        if "{apprenticeship_id}" in route.path and not route.path.startswith("/providers/"):
            assert route.path.startswith("/apprenticeships/{apprenticeship_id}"), route.path
            assert any(isinstance(call, Needs) for call in route.calls), f"{route.name} lacks Needs(...)"


def test_routes_are_plain_functions_with_names_of_their_own(app: FastAPI) -> None:
    found = routes(app)
    for route in found:
        blocks = (
            inspect.iscoroutinefunction(route.endpoint) and route.name != "serving.healthz"
        )  # asks nobody
        assert not blocks, f"{route.name} would block everybody"
        assert "." in route.name or route.name == "static", f"{route.path} has no name"
        assert route.methods <= {"GET", "HEAD", "POST"}, f"{route.name}: only GET and POST"
    twice = [name for name in {r.name for r in found} if sum(r.name == name for r in found) > 1]
    assert not twice


def test_reading_routes_cannot_commit_and_writing_routes_do(app: FastAPI) -> None:
    for route in routes(app):
        writes = database.commit_on_success in route.calls
        if route.methods & {"GET", "HEAD"}:
            assert not writes, f"{route.name} is read, but asks for a writing session"
        elif route.name not in WRITES_ELSEWHERE:
            assert writes, f"{route.name} is a POST without a writing session"


WRITES_ELSEWHERE: frozenset[str] = frozenset()


def test_forms_are_read_before_the_guard_opens_a_transaction(app: FastAPI) -> None:
    """A slow sender must not hold the database: the body comes first in every writing route."""
    for route in routes(app):
        reads_body = [
            i
            for i, call in enumerate(route.calls)
            if getattr(call, "__name__", "") == "read" and inspect.isfunction(call)
        ]
        opens = [i for i, call in enumerate(route.calls) if call is database.open_session]
        if reads_body and opens:
            assert reads_body[0] < opens[0], f"{route.name} reads its form after opening a session"


def test_commits_stand_only_where_transactions_are_made() -> None:
    allowed = {
        "portfolio/database.py",
        "portfolio/people/sessions.py",  # a reading request notes that its session is in use
        "portfolio/people/attempts.py",  # a try counts even when what it tried is refused
    }
    for path in python_files("portfolio"):
        if ".commit()" in path.read_text() and str(path.relative_to(ROOT)) not in allowed:
            pytest.fail(f"{path.relative_to(ROOT)} commits by itself")


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert found
    return [path for path in found if "migrations/versions" not in str(path)]


def test_files_stay_small() -> None:
    for path in python_files("portfolio", "kbs", "storage"):
        assert len(path.read_text().splitlines()) <= 400, path
    for path in python_files("tests"):
        assert len(path.read_text().splitlines()) <= 500, path


DANGEROUS = (
    (r"\bMarkup\(", "text is escaped by the templates"),
    (r"shell=True", "commands take lists"),
    (r"Image\.open\((?![^)]*formats=)", "name the formats, or Pillow starts other programs"),
    (r"\bcallable_eval\(|\beval\(|\bexec\(", "no code from data"),
    (r"date\.today\(|datetime\.utcnow\(", "the clock is passed in"),
)


@pytest.mark.parametrize(("pattern", "why"), DANGEROUS)
def test_nothing_dangerous_stands_in_the_code(pattern: str, why: str) -> None:
    for path in python_files("portfolio", "kbs", "storage"):
        assert not re.search(pattern, path.read_text()), f"{path}: {why}"


def test_the_lock_file_holds_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    entries = re.split(r"\n(?=[a-z])", lock.strip())
    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_no_path_of_a_machine_and_nothing_of_a_shared_folder_is_named() -> None:
    for path in (*python_files("portfolio", "kbs", "storage", "tests"), ROOT / "README.md", ROOT / "dev.py"):
        text = path.read_text()
        for part in ("/wor" + "k/", "../sha" + "red", "/ro" + "ot/"):
            assert part not in text, f"{path} names {part}"


def test_what_ci_runs_on_one_database_only_knows_none() -> None:
    """`.ci/run` leaves these folders out of its second half: nothing in them may depend on the engine."""
    left_out = re.findall(r"--ignore=(\S+)", (ROOT / ".ci" / "run").read_text())
    assert left_out
    for path in python_files(*left_out):
        names = set(
            re.findall(r"\b(?:database|session|cast|browser|own_database|TEST_DATABASE_URL)\b", code_of(path))
        )
        assert not names, f"{path} asks for {', '.join(sorted(names))}: run it on both databases"


def code_of(path: Path) -> str:
    """The names that a file uses or takes as arguments, without its texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names += [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    names += [
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    return " ".join(names)
