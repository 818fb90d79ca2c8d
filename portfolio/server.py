"""Serving for real: one process or several, started, watched and stopped so that nothing under way is cut off.

SIGTERM: no new connections; uploads and answers under way have `graceful_seconds` to finish, then they are ended
and say so; the job at hand is finished. The exit code is 0.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from portfolio.app import create_app
from portfolio.background import make_worker
from portfolio.clock import go_on
from portfolio.serving.figures import counted_together, shown
from portfolio.serving.processes import Children
from portfolio.serving.protocol import GuardedConfig
from portfolio.settings import Settings
from portfolio.web import logs
from storage.limited import close_memory

logger = logging.getLogger("portfolio.serving")
BACKLOG = 2048
LAST_RESORT = 10
"""Seconds beyond `graceful_seconds` after which a process that still hangs is ended from within."""
STOP = (signal.SIGTERM, signal.SIGINT)


class PatientServer(uvicorn.Server):
    """uvicorn's server; on its way out it also waits for the tasks that it has cut off, so that they can tidy up."""

    before_stop: Callable[[], None] = staticmethod(lambda: None)

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.before_stop()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        grace = self.config.timeout_graceful_shutdown or 0
        last = threading.Timer(grace + LAST_RESORT, _leave)
        last.daemon = True
        last.start()
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=5)
        last.cancel()


def run_server(app: Any, host: str, port: int) -> int:
    """Serve this application from this process until SIGTERM or Ctrl+C."""
    logs.set_up()
    logs.nothing_but_lines()
    close_memory()
    with listening(host, port) as listener, shown(app), background_thread(app) as stop_worker:
        return _serve(app, listener, stop_worker)


def run_processes(settings: Settings) -> int:
    """Serve from several processes; jobs and figures are at home in the one that watches over them."""
    logs.set_up()
    logs.nothing_but_lines()
    close_memory()
    with counted_together(settings.processes), listening(settings.host, settings.port) as listener:
        app = create_app(settings)
        with shown(app), background_thread(app) as stop_worker:
            children = Children(
                settings.processes,
                child,
                (listener, settings),
                patience=settings.graceful_seconds + LAST_RESORT + 5,
            )

            def before_stop() -> None:
                listener.close()  # or people would wait in a line that nobody serves
                stop_worker()

            return children.run(before_stop=before_stop)


def child(listener: socket.socket, settings: Settings) -> None:
    """What each of several processes does: all of its own but the listening socket."""
    logs.set_up()
    logs.nothing_but_lines()
    close_memory()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    app = create_app(settings)
    with shown_by_parent(app):
        sys.exit(_serve(app, listener, lambda: None))


@contextmanager
def shown_by_parent(app: Any) -> Iterator[None]:
    """Its log lines are counted here; the port is its parent's."""
    settings = app.state.settings
    app.state.settings = settings.model_copy(update={"metrics_port": 0})
    with shown(app):
        yield


def _serve(app: Any, listener: socket.socket, before_stop: Callable[[], None]) -> int:
    settings: Settings = app.state.settings
    go_on(app.state.database)
    config = GuardedConfig(
        app,
        settings,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.graceful_seconds,
    )
    server = PatientServer(config)
    server.before_stop = before_stop
    for name in (
        STOP
    ):  # uvicorn raises the signal again when it is through: then this, and not the end, is what happens
        signal.signal(name, lambda *_: setattr(server, "should_exit", True))
    server.run(sockets=[listener])
    return 0 if server.started else 1


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket that people connect to, with room for as many open files as the machine allows."""
    _open_many_files()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SystemExit(f"{host} port {port} cannot be used: {os.strerror(error.errno or 0)}.") from None
    with listener:
        logger.info("serving.listening", extra={"port": listener.getsockname()[1]})
        yield listener


def _open_many_files() -> None:
    """As many as the machine allows: each connection is one, and the usual 1,024 are soon used up."""
    if os.name != "nt":
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wanted = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@contextmanager
def background_thread(app: Any) -> Iterator[Callable[[], None]]:
    """The embedded default: jobs are done by a thread of the same process, while it serves. Yields what stops it."""
    settings: Settings = app.state.settings
    if settings.background != "thread":
        yield lambda: None
        return
    go_on(app.state.database)
    worker = make_worker(app)
    thread = threading.Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield worker.stop
    finally:
        worker.stop()
        thread.join(settings.graceful_seconds)  # what is not done by then is taken up by another worker later


def run_worker(app: Any) -> int:
    """Do jobs until SIGTERM or Ctrl+C; the job at hand is finished first."""
    logs.set_up()
    logs.nothing_but_lines()
    close_memory()
    go_on(app.state.database)
    worker = make_worker(app)
    for name in STOP:
        signal.signal(name, lambda *_: worker.stop())
    with shown(app):
        worker.run()
    return 0


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _leave() -> None:
    logger.error("serving.forced_exit")
    os._exit(1)
