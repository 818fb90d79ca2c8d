"""Templates as code: blocks that routes ask for exist, ids are targets, nothing inline, nothing unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.web.page import make_environment

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
ALL = sorted(TEMPLATES.rglob("*.*"))
RENDERING = {"page", "Page"}


def fragments() -> Iterator[tuple[str, str, Path]]:
    """(template, block) of every call page("x.html", fragment="y") in the application."""
    for path in sorted((ROOT / "portfolio").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            template = node.args[0].value
            if isinstance(template, str) and template.endswith(".html"):
                for keyword in node.keywords:
                    if keyword.arg == "fragment" and isinstance(keyword.value, ast.Constant):
                        yield template, str(keyword.value.value), path


def test_every_fragment_is_a_block_whose_root_has_its_name_as_id() -> None:
    found = sorted({(template, block) for template, block, _ in fragments()})
    assert found
    for template, block in found:
        if block == "message":
            continue
        source = (TEMPLATES / template).read_text()
        assert re.search(r"{%-? block " + block + r"\b", source), f"{template} has no block {block}"
        assert f'id="{block}"' in source, f"{template}: the root of block {block} needs the id {block}"


def test_every_template_is_html_and_compiles() -> None:
    environment = make_environment()
    for path in ALL:
        assert path.suffix == ".html", f"{path}: only .html files are escaped everywhere"
        environment.get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", ALL, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_nothing_inline_that_the_content_security_policy_forbids(path: Path) -> None:
    source = path.read_text()
    assert not re.search(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe\b", source
    )


def test_every_template_is_used() -> None:
    code = "\n".join(p.read_text() for p in (ROOT / "portfolio").rglob("*.py"))
    code += "\n".join(p.read_text() for p in ALL)
    for path in ALL:
        name = str(path.relative_to(TEMPLATES))
        assert f'"{name}"' in code or f"'{name}'" in code, f"{name} is used nowhere"


def test_templates_stay_small_and_decide_no_rights_by_role() -> None:
    for path in ALL:
        source = path.read_text()
        assert len(source.splitlines()) <= 150, path
        assert not re.search(r"opened\.role\s*==|viewer\.role", source), f"{path}: ask opened.may"


def test_the_words_of_the_assessment_come_from_the_standard() -> None:
    for path in ALL:
        text = re.sub(r"{[{%#].*?[}%#]}", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"\bEPAO?\b|[Ee]nd-point", text), (
            f"{path} spells out what the plan version names"
        )
