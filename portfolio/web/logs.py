"""Logs are JSON lines: an event name and plain ids. Names, titles, addresses and free text never enter.

`logger.info("evidence.submitted", extra={"evidence": evidence.id})`. A value that is not a plain id, number
or short word is refused, so that nobody's text slips in.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from uuid import UUID

request_id: ContextVar[str] = ContextVar("request_id", default="-")
job_id: ContextVar[str] = ContextVar("job_id", default="")
"""Set by the worker while it does a job, so that every line of the job can be found."""
OWN = ("portfolio", "storage", "kbs")
_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event(record),
            "request": request_id.get(),
        }
        if job_id.get():
            line["job"] = job_id.get()
        line |= {key: plain(value) for key, value in vars(record).items() if key not in _KNOWN}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record)
        return json.dumps(line, ensure_ascii=True)


def _event(record: logging.LogRecord) -> str:
    """Ours are codes. Others' are sentences: only what their authors wrote into the code, on one line, without the
    values, which could be anybody's; and what they put together themselves only up to the first colon."""
    if record.name.partition(".")[0] in OWN:
        return record.getMessage()
    sentence = str(record.msg).partition("\n")[0]
    return f"{record.name}: {sentence.partition(':')[0]}"[:200]


def plain(value: object) -> object:
    """Ids, numbers and single words pass; anything that could hold somebody's text is left out."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, UUID):
        return str(value)
    text = str(value)
    if isinstance(value, str) and len(text) <= 80 and all(c.isalnum() or c in "._-:/{}" for c in text):
        return text
    return "(left out)"


def _places(record: logging.LogRecord) -> list[str]:
    """File and line of each frame: enough to find the fault, without the values that were in it."""
    places = []
    traceback = record.exc_info[2] if record.exc_info else None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places[-12:]


def set_up() -> None:
    """JSON lines to standard error, for our own loggers; the server's access log is replaced by ours."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("portfolio").setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = name != "uvicorn.access"


def nothing_but_lines() -> None:
    """For a process that only serves: warnings and faults that nobody caught become lines, too."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("portfolio.errors").critical("uncaught", exc_info=(kind, error or kind(), trace))
