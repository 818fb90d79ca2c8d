"""The script that checks an export: started on its own, without the product, without anything but Python."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.ledger import verify_export
from portfolio.ledger.chain import canonical, hash_of
from portfolio.ledger.exporting import export
from portfolio.ledger.kinds import LATER
from tests.builders import NOW, Cast
from tests.ledger.steps import SECRET, a_history, chain, check, head_of, players

SCRIPT = Path(verify_export.__file__)
Links = list[dict[str, str]]


@pytest.fixture
def exported(session: Session, cast: Cast, database: Database) -> dict[str, Any]:
    a_history(session, cast)
    found = json.loads(b"".join(export(database, head_of(database, cast.provider.id), NOW)))
    assert isinstance(found, dict)
    return found


def run(path: Path, export_: object, *heads: str) -> tuple[int, str]:
    """As somebody else would, elsewhere: `-I -S` keeps everything of ours and everything installed away."""
    path.write_text(export_ if isinstance(export_, str) else json.dumps(export_))
    given = [part for head in heads for part in ("--head", head)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(path), *given],
        capture_output=True, text=True, cwd=path.parent, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == "" or done.returncode == 2, done.stderr
    return done.returncode, done.stdout


def head_in(export_: dict[str, Any]) -> str:
    return f"{export_['head']['seq']}:{export_['head']['hash']}"


def test_an_honest_export_is_sound_with_and_without_a_head(
    exported: dict[str, Any], tmp_path: Path, cast: Cast, database: Database
) -> None:
    path, entries = tmp_path / "export.json", chain(database, cast.provider.id)
    assert [link["entry"] for link in exported["entries"]] == [one.entry for one in entries]
    status, said = run(path, exported, head_in(exported), f"{entries[4].seq}:{entries[4].hash}")
    assert (status, "Sound" in said, "No --head" in said) == (0, True, False)
    status, said = run(path, exported)
    assert (status, "No --head was given" in said) == (0, True)
    assert SECRET not in json.dumps(exported)


def test_the_script_and_the_product_agree_on_every_entry(
    cast: Cast, session: Session, database: Database
) -> None:
    a_history(session, cast)
    for entry in chain(database, cast.provider.id):
        assert verify_export.hash_of(entry.entry) == hash_of(entry.entry) == entry.hash
        assert verify_export.understood(entry.entry) == json.loads(entry.entry)


def rewrite(link: dict[str, str], **changes: Any) -> None:
    link["entry"] = canonical(json.loads(link["entry"]) | changes)
    link["hash"] = hash_of(link["entry"])


def edit(links: Links, place: int) -> None:
    links[place]["entry"] = links[place]["entry"].replace('"outcome"', '"0utcome"')


def edit_and_hash(links: Links, place: int) -> None:
    rewrite(links[place], actor="0" * 36)


def remove(links: Links, place: int) -> None:
    del links[place]


def swap_places(links: Links, place: int) -> None:
    links[place], links[place + 1] = links[place + 1], links[place]


def insert_a_copy(links: Links, place: int) -> None:
    links.insert(place, dict(links[place]))


def swap_subject(links: Links, place: int) -> None:
    rewrite(links[place], subject="0" * 36)


def swap_evidence(links: Links, place: int) -> None:
    rewrite(links[place], refs=["7" * 64])


def backdate(links: Links, place: int) -> None:
    rewrite(links[place], utc="2020-01-01T00:00:00.000000Z")


def of_another_provider(links: Links, place: int) -> None:
    rewrite(links[place], provider="0" * 36)


def cut(links: Links, place: int) -> None:
    del links[place:]


def rechain(links: Links, place: int) -> None:
    prev = links[place - 1]["hash"]
    for link in links[place:]:
        rewrite(link, prev=prev, role="manager")
        prev = link["hash"]


DEEDS: list[tuple[Callable[[Links, int], None], str]] = [
    (edit, "entry altered"),
    (edit_and_hash, "chain broken"),
    (remove, "entry missing"),
    (swap_places, "entry in another place"),
    (insert_a_copy, "entry inserted"),
    (swap_subject, "chain broken"),
    (swap_evidence, "chain broken"),
    (backdate, "entry backdated"),
    (of_another_provider, "entry of another provider"),
    (cut, "tail cut off"),
    (rechain, "chain written anew"),
]


@pytest.mark.parametrize(("deed", "name"), DEEDS)
def test_every_way_of_tampering_that_an_export_can_show_is_found(
    deed: Callable[[Links, int], None], name: str, exported: dict[str, Any], tmp_path: Path
) -> None:
    """At several places; with a head that left before, and an export whose own head was made to fit."""
    left, before = head_in(exported), json.dumps(exported["entries"])
    for place in random.Random(5).sample(range(2, len(exported["entries"]) - 2), 4):
        links = json.loads(before)
        deed(links, place)
        last = links[-1]
        fits = {"seq": json.loads(last["entry"])["seq"], "hash": last["hash"]}
        status, said = run(tmp_path / "export.json", exported | {"entries": links, "head": fits}, left)
        assert (status, name in said) == (1, True), f"at {place}: {said}"


def test_of_two_heads_with_one_number_none_hides_the_other(exported: dict[str, Any], tmp_path: Path) -> None:
    left, links = head_in(exported), exported["entries"]
    path = tmp_path / "export.json"
    assert run(path, exported, left, left)[0] == 0, "a letter may repeat what the one before said"
    rechain(links, 3)
    anew = exported | {"head": {"seq": len(links), "hash": links[-1]["hash"]}}
    newer = head_in(anew)
    assert run(path, anew, newer)[0] == 0, "nothing else shows it"
    for given in ((left, newer), (newer, left), (newer, left, newer)):
        status, said = run(path, anew, *given)
        assert status == 1
        assert f"chain written anew: entry {len(links)} had the hash {left.partition(':')[2]}" in said
        assert f"heads contradict each other: entry {len(links)} left with 2 hashes" in said


def test_an_older_export_is_found_by_a_newer_head(
    exported: dict[str, Any], session: Session, cast: Cast, database: Database, tmp_path: Path
) -> None:
    """What restoring an older database looks like from outside."""
    players(session, cast)[0].submit()
    newer = head_of(database, cast.provider.id)
    assert check(database, None, [newer]) == []
    status, said = run(tmp_path / "export.json", exported, f"{newer.seq}:{newer.hash}")
    assert (status, "tail cut off" in said) == (1, True)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"entries": [1], "head": {}, "provider": ""}', "null", "\x00"]
)
def test_what_is_no_export_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    status, said = run(tmp_path / "export.json", text)
    assert (status, "not a ledger export" in said) == (2, True)


def test_a_head_is_written_in_full(tmp_path: Path) -> None:
    for head in ("12:3f9a", f"0:{'1' * 64}", f"12:{'1' * 64}0", f"-1:{'1' * 64}", f"1,2:{'1' * 64}"):
        assert run(tmp_path / "export.json", "{}", head)[0] == 2


def test_the_script_knows_which_kinds_entered_later() -> None:
    assert verify_export.LATER == LATER


def test_the_script_needs_nothing_but_pythons_own(tmp_path: Path) -> None:
    text = SCRIPT.read_text()
    assert "portfolio" not in text.split('"""', 2)[2]
    assert len(text.splitlines()) < 140
