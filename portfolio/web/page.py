"""Pages and fragments. A browser gets the whole page; htmx gets the one block that it will swap.

Block name = element id = htmx target. Addresses are paths only, never absolute.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Formatter
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from starlette.datastructures import URL
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portfolio.access import Permission, Role, Viewer
from portfolio.web import formats

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


def make_environment(*, auto_reload: bool = False) -> Environment:
    """Jinja, escaping everything, and refusing a variable that was not passed."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=auto_reload,
        cache_size=-1,
    )
    environment.filters |= {
        "date_words": formats.date_words,
        "moment_words": formats.moment_words,
        "clock_words": formats.clock_words,
        "size_words": formats.size_words,
        "list_words": formats.list_words,
        "initials": formats.initials,
        "count_words": formats.count_words,
    }
    environment.globals |= {"Permission": Permission, "Role": Role}
    return environment


def is_fragment_request(request: Request) -> bool:
    """htmx asks for a block, and is neither following a boosted link nor bringing back its history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def paths_by_name(app: FastAPI) -> dict[str, tuple[str, frozenset[str]]]:
    """Each route's address with its gaps, and their names, by the name of the route. The framework would search
    all routes for every link on a page, and a statement map has a hundred."""
    found: dict[str, tuple[str, frozenset[str]]] | None = getattr(app.state, "paths_by_name", None)
    if found is None:
        found = {}
        for context in iter_route_contexts(app.routes):
            if context.name and context.path and ":" not in context.path:
                gaps = frozenset(field for _, field, _, _ in Formatter().parse(context.path) if field)
                found.setdefault(context.name, (context.path, gaps))
        app.state.paths_by_name = found
    return found


class Page:
    """Renders one answer. Routes get it as `page: PageDep`."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def __call__(
        self, template: str, *, fragment: str = "", status: int = 200, headers: Mapping[str, str] | None = None,
        saved: bool = True, **context: Any,
    ) -> HTMLResponse:  # fmt: skip
        """The whole page, or for htmx the block `fragment` of it. `context` goes to the template. `saved=False`: an
        answer that shows a form again though nothing is wrong with it."""
        if saved and status < 400:
            self._once_saved()
        environment: Environment = self.request.app.state.templates
        values = self.context() | context
        if fragment and is_fragment_request(self.request):
            html = render_block(environment, template, fragment, values)
        else:
            html = environment.get_template(template).render(values)
        return self._answer(html, status, dict(headers or {}))

    def _answer(self, html: str, status: int, headers: dict[str, str]) -> HTMLResponse:
        """Compressed for those who can read it: on a phone most of the waiting is for bytes.

        Nothing secret stands in a page beside what its reader typed, so the known attack on compression has
        nothing to learn.
        """
        body = html.encode()
        if len(body) > 1400 and "gzip" in self.request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 5, mtime=0)
            headers["Content-Encoding"] = "gzip"
        response = HTMLResponse(body, status_code=status, headers=headers)
        response.headers["Vary"] = "HX-Request, Accept-Encoding"
        return response

    def go_to(
        self, name: str, *, anchor: str = "", query: Mapping[str, str] | None = None, **path: Any
    ) -> Response:
        """After a write: a browser is redirected with 303, htmx is told to load the page."""
        address = self.path_for(name, **path)
        if query:
            address += "?" + urlencode(query)
        return self.go_to_address(address + (f"#{anchor}" if anchor else ""))

    def _once_saved(self) -> None:
        """The form of this request stood: what waits for that is done, in the request's transaction."""
        waiting: Callable[[], object] | None = getattr(self.request.state, "once_saved", None)
        if waiting is not None:
            self.request.state.once_saved = None
            waiting()

    def go_to_address(self, address: str) -> Response:
        self._once_saved()
        if is_fragment_request(
            self.request
        ):  # quoted as RedirectResponse does: a header holds no other signs
            quoted = quote(address, safe=":/%#?=@[]!$&'()*+,;")
            return Response(status_code=204, headers={"HX-Redirect": quoted})
        return RedirectResponse(address, status_code=303)

    def path_for(self, name: str, **path: Any) -> str:
        """The path of a named route. Raises NoMatchFound for a name or for values that no route has."""
        app, values = self.request.app, {key: str(value) for key, value in path.items()}
        route = paths_by_name(app).get(name)
        if route is None or route[1] != values.keys() or any("/" in value for value in values.values()):
            return str(app.url_path_for(name, **values))  # says what is wrong
        return route[0].format_map(values)

    def context(self) -> dict[str, Any]:
        """What every template may use."""
        request = self.request
        now = formats.utc_now()
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        return {
            "request": request,
            "path": request.url.path,
            "path_for": self.path_for,
            "with_query": self.with_query,
            "asset": lambda name: request.app.state.assets[name].path,
            "in_page": lambda name: request.app.state.assets[name].in_page,
            "viewer": viewer,
            "now": now,
            "today": formats.london_day(now),
            "waited": lambda since: formats.wait_words(since, now),
            "notice": getattr(request.state, "notice", ""),
            "product": "KSB Portfolio",
            "settings": request.app.state.settings,
        }

    def with_query(self, **changes: str | int | None) -> str:
        """This address with some of its query changed: links of pagers, sorters and filters."""
        url: URL = self.request.url
        query = dict(self.request.query_params.items())
        for key, value in changes.items():
            if value is None or value == "":
                query.pop(key, None)
            else:
                query[key] = str(value)
        return quote(url.path) + ("?" + urlencode(query) if query else "")


async def page_of(request: Request) -> Page:
    """Not a plain function: it does not wait for anything, so it needs no thread."""
    return Page(request)


PageDep = Annotated[Page, Depends(page_of)]
