"""No code and no template knows a standard by name or by its number of statements or duties."""

import re
from pathlib import Path

import kbs
from kbs.catalogue import load_catalogue

ROOT = Path(kbs.__file__).parents[1]


def sources(folder: str, *endings: str) -> list[Path]:
    return [path for ending in endings for path in (ROOT / folder).rglob(f"*{ending}")]


def test_no_code_and_no_template_names_the_shipped_standard() -> None:
    names = {standard.reference.casefold() for standard in load_catalogue().all()}
    files = [
        *sources("kbs", ".py"),
        *(path for path in sources("portfolio", ".py", ".js", ".css")),
        *sources("templates", ".html", ".txt"),
    ]
    assert files
    naming = [path for path in files if any(name in path.read_text("utf-8").casefold() for name in names)]
    assert naming == []


def test_no_number_of_statements_or_duties_is_written_into_the_code() -> None:
    standard = load_catalogue().default()
    counts = f"{len(standard.statements)}|{len(standard.items)}|{len(standard.duties)}"
    number = re.compile(rf"(?<![\w.])({counts})(?![\w.])")
    found = [
        (path.name, found) for path in sources("kbs", ".py") if (found := number.findall(path.read_text()))
    ]
    assert found == []
