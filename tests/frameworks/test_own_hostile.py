"""Files that were made to harm or by mistake: refused with a clear sentence, before anything large is made of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.frameworks.own_file import FILE_LIMIT, MOST_SHOWN, Unreadable, decoded, own_framework
from portfolio.frameworks.own_shape import DEEPEST, MOST_EVENTS, MOST_IN_LIST, shape_faults
from tests.builders import Cast
from tests.client import Browser
from tests.frameworks.own_steps import TEXT, editions, send, under

Open = Callable[..., Browser]
LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFERENCE, TAG = "a reference (& or *) is not read here", "a tag (!) is not read here"
DEEP = "this stands deeper than anything in a framework"
HOLDS_MORE = f"a list may hold {MOST_IN_LIST} things"
HOSTILE = {
    "billion laughs": (LAUGHS, "line 1", REFERENCE),
    "an anchor alone": ("id: &x our-own", "line 1", REFERENCE),
    "a merged reference": (f"{TEXT}\n<<: *x\n", "line", REFERENCE),
    "a python object": ("id: !!python/object/apply:os.system ['id']", "line 1", TAG),
    "a tag of its own": ("id: !secret x", "line 1", TAG),
    "deep lists": ("[" * 190_000, "line 1", DEEP),
    "deep maps": ("{a: " * 40_000, "line 1", DEEP),
    "deep by indent": ("\n".join(f"{' ' * depth}- " for depth in range(400)), f"line {DEEPEST + 1}", DEEP),
    "deep by questions": ("? " * 90_000, "line 1", DEEP),
    "a long list": ("levels: [" + "a," * 90_000 + "]", "line 1", HOLDS_MORE),
    "many names": ("\n".join(f"k{number}: 1" for number in range(20_000)), "line 151", HOLDS_MORE),
    "many lists": ("\n".join(f"a{number}: [{', '.join('x' * 140)}]" for number in range(149)), "line", "more than any framework needs"),
    "a long text": (f"id: {'x' * 150_000}", "line 1", "a text may have 2,000 characters"),
    "a long number": (f"schema_version: {'9' * 150_000}", "line 1", "a text may have 2,000 characters"),
    "a number of minutes and seconds": ("schema_version: " + "1:" * 90_000 + "1", "line 1", "a text may have"),
    "an escaped zero": ('id: "a\\0b"', "line 1", "a control character stands here"),
    "half a sign": ('title: "a\\ud800"', "line 1", "a control character stands here"),
    "a bell": ("id: a\x07", "line 1", "a sign that cannot be read stands here"),
    "two documents": ("id: a\n---\nid: b", "line 2", "not readable as YAML"),
    "a bracket that never ends": ("id: [a, b", "line 1", "not readable as YAML"),
    "a tab": ("id:\n\t- a", "line 2", "not readable as YAML"),
    "a list as a name": ("? [a, b]\n: c", "line 1", "not readable as YAML"),
    "a name twice": ("id: a\nid: b", "line 2", "the name 'id' stands here twice"),
    "a day that does not exist": ("edition: 2026-13-45", "the file", "not readable as YAML"),
    "nothing": (" \n", "the file", "it is empty"),
    "only a remark": ("# later", "the file", "names and values expected here"),
    "a list": ("- a\n- b", "the file", "names and values expected here"),
    "a table": ("id,title\na,b", "the file", "names and values expected here"),
    "too long": ("# " + "x" * FILE_LIMIT, "the file", "longer than 200 KB"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_refused_with_place_and_sentence(catalogue: Catalogue, name: str) -> None:
    text, where, what = HOSTILE[name]
    with pytest.raises(Unreadable) as refused:
        own_framework(text, catalogue)
    assert any(one.where.startswith(where) and what in one.what for one in refused.value.faults), (
        refused.value
    )
    assert len(refused.value.faults) <= MOST_SHOWN
    assert all(len(one.what) < 400 for one in refused.value.faults)


def test_a_bomb_is_left_at_its_first_reference() -> None:
    """Not one of the references is followed: the shape is known from the events alone."""
    assert [one.where for one in shape_faults(LAUGHS)] == ["line 1"]


def test_reading_stops_at_the_bound_whatever_follows() -> None:
    """What is not YAML at all after the bound is not reached any more."""
    rows = "\n".join(f"a{number}: [{', '.join('x' * 140)}]" for number in range(MOST_EVENTS // 140 + 1))
    (only,) = shape_faults(rows + "\n\t[}")
    assert "more than any framework needs" in only.what


def test_a_value_of_another_kind_is_not_repeated_at_length(catalogue: Catalogue) -> None:
    with pytest.raises(Unreadable) as refused:
        own_framework(f"title: [{', '.join(['x' * 1000] * 100)}]", catalogue)
    assert all(len(one.what) < 400 for one in refused.value.faults)


def test_more_faults_than_anybody_reads_are_counted(catalogue: Catalogue) -> None:
    rows = "".join(f"  - {{id: a{number}, rank: 1, title: x}}\n" for number in range(120))
    with pytest.raises(Unreadable) as refused:
        own_framework(f"levels:\n{rows}", catalogue)
    assert (len(refused.value.faults), refused.value.more > 100) == (MOST_SHOWN, True)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (TEXT.encode("utf-16"), "the file"),
        (TEXT.encode("utf-16-le"), "the file"),
        (b"id: a\ntitle: caf\xe9\n", "line 2"),
        (b"\x00\x01\x02", "the file"),
        (b"PK\x03\x04" + bytes(range(256)), "the file"),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "Latin 1", "zeros", "an archive"],
)
def test_another_encoding_is_named(content: bytes, where: str) -> None:
    with pytest.raises(Unreadable) as refused:
        decoded(content)
    (fault,) = refused.value.faults
    assert fault.where == where
    assert "UTF-8" in fault.what


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (LAUGHS.encode(), REFERENCE),
        (b"id: a\ntitle: caf\xe9\n", "not written in UTF-8"),
        (b"# " + b"x" * FILE_LIMIT, "longer than 200 KB"),
        (b"", "it is empty"),
        (b'title: "\\ud800"', "a control character"),
        (b"id: <script>alert(1)</script>", "&lt;script&gt;alert(1)"),
    ],
    ids=["bomb", "Latin 1", "too long", "empty", "half a sign", "a script"],
)
def test_the_page_says_so_and_nothing_is_added(
    browser: Open, database: Database, cast: Cast, content: bytes, sentence: str
) -> None:
    answer = send(browser(cast.priya), under(cast, "/add"), content)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("&amp;", "&")
    assert "<script>alert" not in answer.text
    assert editions(database) == []


@pytest.mark.parametrize(
    "content", [b"# " + b"x" * FILE_LIMIT, b"title: caf\xe9\n"], ids=["too long", "Latin 1"]
)
def test_what_stood_in_the_box_stays_if_the_file_cannot_be_taken(
    browser: Open, cast: Cast, content: bytes
) -> None:
    answer = browser(cast.priya).post(
        under(cast, "/add"), data={"text": "title: Half a thought"}, files={"file": ("our.yaml", content)}
    )
    assert answer.status_code == 422
    assert "title: Half a thought</textarea>" in answer.text
