"""Figures for Prometheus: what was asked, how long it took, what is under way, and which events were logged.

Labels are patterns, codes and numbers of our own; nothing that a person is called, wrote or has as an id.
With `PROMETHEUS_MULTIPROC_DIR` set before this is made, several processes keep one set of figures together.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600)
_CODE = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40})?")


class Measures:
    """The figures of one application. Counting costs microseconds, so it is always done; showing is a setting."""

    def __init__(self) -> None:
        import prometheus_client as prometheus  # only now does it look whether several processes count together

        self.registry = registry = prometheus.CollectorRegistry()
        self._requests = prometheus.Counter(
            "portfolio_requests", "Requests answered", ["route", "method", "status"], registry=registry
        )
        self._seconds = prometheus.Histogram(
            "portfolio_request_seconds", "Time to answer", ["route"], registry=registry, buckets=SECONDS
        )
        self._uploading = prometheus.Gauge(
            "portfolio_uploads_in_flight",
            "Forms with files that are arriving",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._bytes = prometheus.Counter(
            "portfolio_upload_bytes", "Bytes of files received", registry=registry
        )
        self._jobs = prometheus.Counter(
            "portfolio_jobs", "Jobs tried, by kind and outcome", ["kind", "outcome"], registry=registry
        )
        self._events = prometheus.Counter(
            "portfolio_events",
            "Log lines by event, and by the kind of error they report",
            ["event", "error"],
            registry=registry,
        )
        self._connections = prometheus.Gauge(
            "portfolio_database_connections_in_use",
            "Connections taken from the pool",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(route, method if method in METHODS else "other", status).inc()
        self._seconds.labels(route).observe(seconds)

    @contextmanager
    def uploading(self) -> Iterator[None]:
        """While a form with files arrives."""
        self._uploading.inc()
        try:
            yield
        finally:
            self._uploading.dec()

    def received(self, size: int) -> None:
        """Bytes of files that have arrived whole."""
        self._bytes.inc(size)

    def watch_pool(self, engine: Any) -> None:
        """Keep count of the connections in use."""
        from sqlalchemy import event

        event.listen(engine.pool, "checkout", lambda *_: self._connections.inc())
        event.listen(engine.pool, "checkin", lambda *_: self._connections.dec())

    def event(self, record: logging.LogRecord) -> None:
        """Count a log line of ours: its event is a code, its error the name of a class."""
        event = record.getMessage()
        if not _CODE.fullmatch(event):
            return
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        self._events.labels(event, error).inc()
        if event in ("jobs.done", "jobs.failed"):
            kind = str(getattr(record, "kind", ""))
            self._jobs.labels(kind if _CODE.fullmatch(kind) else "other", event.removeprefix("jobs.")).inc()


class CountEvents(logging.Handler):
    """Hands our own log lines to the figures, so that whatever is logged can be watched."""

    def __init__(self, measures: Measures) -> None:
        super().__init__(logging.INFO)
        self.measures = measures

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("portfolio.") and record.getMessage() != "request":
            self.measures.event(record)
