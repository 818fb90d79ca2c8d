"""Where the parts are joined: settings, database, store, standards, pages. The only place that knows all."""

from __future__ import annotations

import logging
from functools import partial

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.responses import Response

import storage
from kbs.catalogue import SHIPPED, Catalogue, load_catalogue
from portfolio.apprenticeships import routes as apprenticeships
from portfolio.apprenticeships.numbers import apprenticeships_per_provider
from portfolio.assessment import routes as assessment
from portfolio.cohorts import progress
from portfolio.cohorts import routes as cohorts
from portfolio.courses import after_routes as after_courses
from portfolio.courses import routes as courses
from portfolio.coverage import routes as coverage
from portfolio.database import Database
from portfolio.development import routes as development
from portfolio.engines import Patience
from portfolio.evidence import routes as evidence
from portfolio.feedback import routes as feedback
from portfolio.findings import routes as findings
from portfolio.frameworks import own_routes as own_frameworks
from portfolio.frameworks import routes as frameworks
from portfolio.gateway import routes as gateway
from portfolio.home import routes as home
from portfolio.ledger import keeping as ledger
from portfolio.ledger import queries as ledger_queries
from portfolio.ledger import routes as ledger_routes
from portfolio.people import kept_forms
from portfolio.people import routes as people
from portfolio.people.addresses import page_before
from portfolio.redaction import routes as redaction
from portfolio.refusals import SignInNeeded
from portfolio.reminders import routes as reminders
from portfolio.sealing.queries import Shut
from portfolio.serving import routes as serving
from portfolio.serving.readiness import Readiness
from portfolio.settings import Settings
from portfolio.slips import routes as slips
from portfolio.staff import routes as staff
from portfolio.standards import routes as standards
from portfolio.training import queries as training_queries
from portfolio.training import routes as training
from portfolio.upkeep import routes as upkeep
from portfolio.uploads import routes as uploads
from portfolio.web import assets, trouble
from portfolio.web.errors import add_error_pages, asked_by_script, error_page
from portfolio.web.limits import Limits
from portfolio.web.measures import Measures
from portfolio.web.middleware import SAFE_METHODS, Surroundings
from portfolio.web.page import Page, make_environment
from portfolio.web.turns import Turns
from storage import limited

logger = logging.getLogger("portfolio.errors")

SIGN_IN_AGAIN = "You have been signed out. What is not sent yet waits here: sign in again, and it goes on."
LOCKED = "The portfolio is locked at the gateway: nothing in it can be changed. A provider manager can ask for it to be unlocked."


def open_catalogue(settings: Settings) -> Catalogue:
    """The standards that ship, and those that were imported here; the latter win."""
    return load_catalogue(SHIPPED, settings.standards_folder)


def open_database(settings: Settings, catalogue: Catalogue) -> Database:
    """The database, with the progress summaries and the ledger kept in step with every change."""
    database = Database(
        settings.database_url,
        pool=settings.database_pool,
        overflow=settings.database_pool_overflow,
        patience=Patience(
            statement=settings.statement_timeout_seconds,
            lock=settings.lock_timeout_seconds,
            idle=settings.idle_transaction_timeout_seconds,
        ),
    )
    database.keepers.append(partial(progress.keep, catalogue))
    ledger.join(database)
    return database


def create_app(
    settings: Settings,
    *,
    catalogue: Catalogue | None = None,
    database: Database | None = None,
    store: storage.EvidenceStore | None = None,
) -> FastAPI:
    """The whole application. A test passes its own standards, database and store."""
    limited.allow(at_once=settings.preparations_at_once, memory=settings.preparation_memory_mb * limited.MIB)
    app = FastAPI(title="KSB Portfolio", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = settings
    app.state.catalogue = catalogue or open_catalogue(settings)
    app.state.database = database or open_database(settings, app.state.catalogue)
    app.state.store = store or open_store(settings)
    app.state.apprenticeships_per_provider = apprenticeships_per_provider  # for /admin, which is below
    app.state.ledger_marks = ledger_queries.marks  # for the pages that show what it holds
    app.state.training_entry_of = training_queries.entry_behind  # for the page of a piece, which is below
    app.state.templates = make_environment()
    app.state.assets = assets.load_assets()
    app.state.assets_by_path = {asset.path: asset for asset in app.state.assets.values()}
    app.state.measures = Measures()
    app.state.measures.watch_pool(app.state.database.engine)
    app.state.readiness = Readiness()
    app.state.turns = Turns(
        uploads=settings.uploads_at_once,
        per_person=settings.uploads_per_person,
        intakes=settings.decodes_at_once,
    )
    app.include_router(assets.router)
    for router in routers():
        app.include_router(router)
    add_error_pages(app)
    app.exception_handler(Shut)(_shut)
    _add_own_error_pages(app)
    app.add_middleware(Limits, public_url=settings.public_url)
    app.add_middleware(Surroundings, public_url=settings.public_url, https=settings.https)
    return app


def open_store(settings: Settings) -> storage.EvidenceStore:
    return storage.open_store(
        settings.storage_url,
        endpoint_url=settings.s3_endpoint or None,
        region=settings.s3_region,
        access_key_id=settings.s3_access_key or None,
        secret_access_key=settings.s3_secret_key.get_secret_value() or None,
        path_style=settings.s3_path_style,
        checksums=settings.s3_checksums,
        connect_timeout=settings.s3_connect_timeout_seconds,
        read_timeout=settings.s3_read_timeout_seconds,
        attempts=settings.s3_attempts,
        staging=settings.s3_staging_folder,
    )


def _shut(request: Request, error: Shut) -> Response:
    """Somebody reported the piece. What was typed meanwhile is given back, as where any rule says no."""
    if request.method in SAFE_METHODS and not asked_by_script(request):
        return slips.closed_page(request, error)
    return error_page(request, 409, error.reason)


def _add_own_error_pages(app: FastAPI) -> None:
    @app.exception_handler(SignInNeeded)
    def sign_in_needed(request: Request, error: SignInNeeded) -> Response:
        """To the sign-in page; what was typed waits for its owner."""
        if asked_by_script(request):
            return error_page(request, 401, SIGN_IN_AGAIN)
        page = Page(request)
        if request.method in SAFE_METHODS:
            address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return page.go_to("people.sign_in", query={"next": address})
        kept_id = kept_forms.keep(request)
        if kept_id is None:  # nothing was typed, such as a button alone: back to the page it stood on
            came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
            return page.go_to("people.sign_in", query={"next": page_before(came_from)})
        return page.go_to(
            "people.sign_in", query={"next": page.path_for("people.kept_form", kept_id=kept_id), "kept": "1"}
        )

    @app.exception_handler(SQLAlchemyError)
    def database_error(request: Request, error: SQLAlchemyError) -> Response:
        """The triggers of the gateway lock are the last wall; their refusal reads like any other. What passes by
        itself is a page to try again."""
        if isinstance(error, DBAPIError) and "portfolio is locked" in str(error.orig):
            return error_page(request, 409, LOCKED)
        if not (reason := trouble.reason(error)):
            raise error
        logger.error("database.unavailable", exc_info=error)
        return error_page(request, 503, reason, trouble.MAKE_ROOM if reason == trouble.DATABASE_FULL else "")


def routers() -> list[APIRouter]:
    """Every page of the product, capability by capability."""
    return [
        people.router,
        home.router,
        apprenticeships.router,
        uploads.router,
        redaction.router,
        evidence.router,
        findings.router,
        feedback.router,
        assessment.router,
        training.router,
        frameworks.router,
        own_frameworks.router,
        development.router,
        courses.router,
        after_courses.router,
        staff.router,
        coverage.router,
        gateway.router,
        cohorts.router,
        ledger_routes.router,
        slips.router,
        standards.router,
        upkeep.router,
        reminders.router,
        serving.router,
    ]
