"""The port where Prometheus reads the figures: apart from the pages, for one process or for several together."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portfolio.jobs.queries import lag
from portfolio.serving.readiness import Readiness
from portfolio.web.formats import utc_now
from portfolio.web.measures import CountEvents

logger = logging.getLogger("portfolio.serving")
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where the client library looks for the folder in which several processes count together."""


@contextmanager
def counted_together(processes: int) -> Iterator[None]:
    """Several processes count in one folder. Must be entered before any of them makes its Measures."""
    if processes == 1:
        yield
        return
    folder = tempfile.mkdtemp(prefix="portfolio-figures-")
    os.environ[SHARED] = folder
    try:
        yield
    finally:
        del os.environ[SHARED]
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shown(app: Any) -> Iterator[None]:
    """Count the log lines of this process, and show all figures on the port of the settings, if there is one."""
    state = app.state
    counter = CountEvents(state.measures)
    logging.getLogger("portfolio").addHandler(counter)
    try:
        if state.settings.metrics_port:
            with _port(state):
                yield
        else:
            yield
    finally:
        logging.getLogger("portfolio").removeHandler(counter)


@contextmanager
def _port(state: Any) -> Iterator[None]:
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = state.measures.registry
    if SHARED in os.environ:
        registry = CollectorRegistry()
        registry.register(Living(MultiProcessCollector(registry=None)))  # type: ignore[no-untyped-call, unused-ignore]
    registry.register(Standing(state))
    server, thread = start_http_server(
        state.settings.metrics_port, state.settings.metrics_host, registry=registry
    )
    logger.info("serving.metrics", extra={"port": state.settings.metrics_port})
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Living:
    """The figures of all processes. What a dead one had under way is forgotten; what it counted stays."""

    def __init__(self, together: Any) -> None:
        self.together = together

    def collect(self) -> Iterable[Any]:
        from prometheus_client.multiprocess import mark_process_dead

        for path in Path(os.environ[SHARED]).glob("gauge_live*.db"):
            process = path.stem.rpartition("_")[2]
            if process.isdigit() and not _is_alive(int(process)):
                mark_process_dead(int(process))  # type: ignore[no-untyped-call, unused-ignore]
        return self.together.collect()  # type: ignore[no-any-return]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Standing:
    """What is asked when somebody looks: whether each part is ready, and how the background work stands."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import GaugeMetricFamily

        readiness: Readiness = self.state.readiness
        parts = GaugeMetricFamily("portfolio_ready", "1 if this part can be used", labels=["part"])
        for part, word in readiness.now(self.state).parts.items():
            parts.add_metric([part], float(word == "ok"))
        yield parts
        try:
            with self.state.database.reading() as session:
                found = lag(session, utc_now())
        except Exception:  # it shows in portfolio_ready already
            return
        yield GaugeMetricFamily(
            "portfolio_jobs_lag_seconds", "Since when the oldest due job waits", value=found.seconds
        )
        yield GaugeMetricFamily("portfolio_jobs_dead", "Jobs that nobody tries any more", value=found.dead)
