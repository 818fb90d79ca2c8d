"""The code of a receipt: confirmed to whoever sent the file, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

from portfolio.database import Database
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, leads_to, pages_of, send
from tests.storage import corpus

Open = Callable[..., Browser]


def test_the_code_beside_a_file_is_confirmed_to_its_owner(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    name, content = corpus.GOOD["pdf"]
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"), (name, content))
    [file] = all_files(database)
    shown = page.get(leads_to(answer)).text
    assert re.search(rf'href="/receipts\?code={file.receipt_code}"', shown)
    for typed in (file.receipt_code, file.receipt_code.lower().replace("-", " "), f" {file.receipt_code} "):
        found = page.get("/receipts", params={"code": typed})
        assert found.status_code == 200
        assert "It is here" in found.text
        assert file.sha256_stored in found.text


def test_nobody_else_is_told_and_a_wrong_code_says_what_to_do(
    browser: Open, cast: Cast, database: Database
) -> None:
    send(browser(cast.amina), pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["pdf"])
    [file] = all_files(database)
    for person in (cast.asha, cast.priya, cast.olu):
        answer = browser(person).get("/receipts", params={"code": file.receipt_code})
        assert answer.status_code == 404
        assert "No file of yours has the receipt" in answer.text
    wrong = browser(cast.amina).get("/receipts", params={"code": "ABCDE-FGHIJ<b>"})
    assert wrong.status_code == 404
    assert "ABCDE-FGHIJ" in wrong.text
    assert browser(cast.amina).get("/receipts").status_code == 200


def test_a_file_taken_out_has_no_receipt_any_more(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    draft = leads_to(send(page, pages_of(cast.amina_at), complete(), corpus.GOOD["pdf"])).partition("?")[0]
    [file] = all_files(database)
    send(page, f"{draft}/edit", complete(remove_file=str(file.id)))
    assert page.get("/receipts", params={"code": file.receipt_code}).status_code == 404


def test_what_the_store_has_lost_is_not_confirmed(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    send(page, pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["pdf"])
    [file] = all_files(database)
    page.app.state.store.delete(file.storage_key)  # type: ignore[attr-defined]
    shown = page.get("/receipts", params={"code": file.receipt_code}).text
    assert "It is here" not in shown
    assert "cannot be found now" in shown
