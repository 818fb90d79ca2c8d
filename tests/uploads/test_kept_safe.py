"""Pieces that were confirmed are kept like files: backed up, brought back, compared, and gone on with elsewhere."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.safekeeping.backup import Source, back_up
from portfolio.safekeeping.places import FolderPlace
from portfolio.safekeeping.restore import restore
from storage.folder import FolderStore
from tests.builders import Cast
from tests.client import Browser
from tests.conftest import ADDRESS
from tests.safekeeping.house import empty_place, found, opened
from tests.uploads.steps import a_draft_for, begin, pieces_of, send_pieces
from tests.uploads.test_pieces import a_wav


def test_an_upload_that_was_half_way_goes_on_after_a_restore(
    app: FastAPI, cast: Cast, database: Database, catalogue: Catalogue, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "first")
    app.state.store = store
    content = a_wav()
    with Browser(app, base_url=ADDRESS, follow_redirects=False) as page:
        page.sign_in_as(cast.amina)
        draft = a_draft_for(page, cast.amina_at)
        upload = f"{draft['uploads']}/{begin(page, draft['uploads'], 'talk.wav', content).json()['id']}"
        send_pieces(page, upload, content, [0, 2])
    assert found(database, store, catalogue) == []
    copy = FolderPlace(tmp_path / "copy")
    manifest = back_up(Source(database, store, tmp_path / "standards"), copy, say=lambda line: None).manifest
    with empty_place(tmp_path) as place:
        target = place.target(FolderStore(tmp_path / "new" / "files"), tmp_path / "new")
        assert restore(copy, manifest, target, now=datetime.now(UTC), say=lambda line: None).faults == []
        target.owner.engine.dispose()
        there = opened(place.application, catalogue)
        app.state.database, app.state.store = there, target.store
        with Browser(app, base_url=ADDRESS, follow_redirects=False) as page:
            page.sign_in_as(cast.amina)
            assert page.get(upload).json()["have"] == [0, 2]
            rest = [number for number in range(len(pieces_of(content))) if number not in (0, 2)]
            send_pieces(page, upload, content, rest)
            assert page.post(f"{upload}/finish").json()["state"] == "safe"
        assert found(there, target.store, catalogue) == []
        there.engine.dispose()


def test_a_piece_that_was_altered_in_the_store_is_found_and_asked_for_again(
    app: FastAPI, cast: Cast, database: Database, catalogue: Catalogue, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "first")
    app.state.store = store
    content = a_wav()
    with Browser(app, base_url=ADDRESS, follow_redirects=False) as page:
        page.sign_in_as(cast.amina)
        draft = a_draft_for(page, cast.amina_at)
        upload = f"{draft['uploads']}/{begin(page, draft['uploads'], 'talk.wav', content).json()['id']}"
        send_pieces(page, upload, content)
        [first, *_] = store.keys()
        [path] = [one for one in (tmp_path / "first").rglob("*") if one.name == first.rpartition("/")[2]]
        path.chmod(0o600)
        path.write_bytes(bytes(len(path.read_bytes())))
        assert "altered" in " ".join(str(fault) for fault in found(database, store, catalogue))
        answer = page.post(f"{upload}/finish").json()
        missing = set(range(len(pieces_of(content)))) - set(answer["have"])
        assert (answer["state"], len(missing)) == ("sending", 1)
        send_pieces(page, upload, content, missing)
        done = page.post(f"{upload}/finish").json()
        assert (done["state"], done["receipt"]["sha256_received"]) == (
            "safe",
            hashlib.sha256(content).hexdigest(),
        )
