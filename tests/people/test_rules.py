"""What a manager may do to whose account, which addresses are ours, and what a device is called: as tables."""

from __future__ import annotations

from uuid import UUID

import pytest

from portfolio.access import Right, Role
from portfolio.people import passwords, rules
from portfolio.people.addresses import own_address, page_before
from portfolio.people.devices import device_words
from portfolio.people.rules import Account

ME, THEM = UUID(int=1), UUID(int=2)
ONLY_HERE = Account(THEM)
MENTOR_ELSEWHERE = Account(THEM, roles_elsewhere=frozenset({Role.MENTOR}))
MANAGER_ELSEWHERE = Account(THEM, roles_elsewhere=frozenset({Role.MANAGER, Role.IQA}))
ADMIN = Account(THEM, is_admin=True)
MYSELF = Account(ME)


@pytest.mark.parametrize(
    ("account", "roles", "reset", "sessions"),
    [
        (ONLY_HERE, True, True, True),
        (MENTOR_ELSEWHERE, True, False, True),
        (MANAGER_ELSEWHERE, True, False, False),
        (ADMIN, False, False, False),
        (MYSELF, False, False, False),
    ],
)
def test_what_a_manager_may_do_to_an_account(
    account: Account, roles: bool, reset: bool, sessions: bool
) -> None:
    assert (not rules.reason_against_changing_roles(ME, account)) is roles
    assert (not rules.reason_against_reset(ME, account)) is reset
    assert (not rules.reason_against_ending_sessions(ME, account)) is sessions


def test_a_refused_reset_says_what_the_person_can_do_and_not_where_else_they_are() -> None:
    reason = rules.reason_against_reset(ME, MANAGER_ELSEWHERE)
    assert "forgotten my password" in reason
    assert "manager" not in reason.lower()


@pytest.mark.parametrize(
    ("roles", "rights", "good"),
    [
        ([Role.APPRENTICE], [], True),
        ([Role.MENTOR, Role.ASSESSOR], [], True),
        ([Role.MANAGER], [Right.DBS, Right.SUPPORT], True),
        ([Role.MANAGER, Role.IQA], [Right.DBS], True),
        ([], [], False),
        ([Role.ADMIN], [], False),
        ([Role.MANAGER, Role.ADMIN], [], False),
        ([Role.ASSESSOR], [Right.DBS], False),
        ([], [Right.DBS], False),
    ],
)
def test_which_roles_and_rights_go_together(roles: list[Role], rights: list[Right], good: bool) -> None:
    assert (not rules.reason_against_roles(roles, rights)) is good


@pytest.mark.parametrize(
    ("email", "good"),
    [
        ("amina@example.org", True),
        ("o'neil+work@mail.school.example", True),
        ("a@b", False),
        ("@example.org", False),
        ("amina@", False),
        ("amina", False),
        ("a b@example.org", False),
        ("a@exam ple.org", False),
        ("a@example..org", False),
        ("a@example.org\n", False),
        ("a@example.org,b@example.org", False),
        ("<a@example.org>", False),
        ("ämina@example.org", False),
        ("a" * 65 + "@example.org", False),
        ("a@" + "b" * 250 + ".org", False),
        ("", False),
    ],
)
def test_which_addresses_can_have_an_account(email: str, good: bool) -> None:
    assert (not rules.reason_against_email(email)) is good


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/", "/"),
        ("/apprenticeships/x?item=K7#top", "/apprenticeships/x?item=K7#top"),
        (
            "/kept-forms/018f0000-0000-7000-8000-000000000001",
            "/kept-forms/018f0000-0000-7000-8000-000000000001",
        ),
        ("", "/"),
        ("account", "/"),
        ("https://evil.example", "/"),
        ("HTTPS://evil.example/x", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\t\\evil.example", "/"),
        ("\t//evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("/\x00", "/"),
        (" //evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/javascript:alert(1)", "/javascript:alert(1)"),
        ("http:/evil.example", "/"),
        ("//[", "/"),
        ("/" + "a" * 3000, "/"),
        ("/sign-in", "/"),
        ("/sign-out", "/"),
        ("/sign-in?next=/sign-in", "/"),
        ("/set-password/abc", "/"),
    ],
)
def test_after_signing_in_only_our_own_pages_are_opened(asked: str, goes_to: str) -> None:
    assert own_address(asked) == goes_to


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://testserver/queue?page=2", "/queue?page=2"),
        ("https://evil.example/queue", "/queue"),
        ("https://evil.example//evil.example/", "/"),
        ("", "/"),
        ("http://[", "/"),
        ("http://testserver/sign-in?next=/queue", "/"),
    ],
)
def test_a_button_that_came_too_late_leads_back_to_its_page(came_from: str, goes_to: str) -> None:
    assert page_before(came_from) == goes_to


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (IPHONE + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari on an iPhone"),
        (IPHONE + "CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on an iPhone"),
        (IPHONE + "FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Linux; Android 13) SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("Mozilla/5.0 (X11; CrOS x86_64 15633) Chrome/126.0 Safari/537.36", "Chrome on a Chromebook"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (iPad; CPU OS 15_0) Weird/1.0", "A browser on an iPad"),
        ("curl/8.5.0", "A device that does not say what it is"),
        ("", "A device that does not say what it is"),
        ("<script>" * 1000, "A device that does not say what it is"),
    ],
)  # fmt: skip
def test_a_device_in_plain_words(user_agent: str, words: str) -> None:
    assert device_words(user_agent) == words


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("correct horse battery", ""),
        ("ein langes paßwort", ""),
        ("x" * 5, "at least 12"),
        ("a" * 257 + "bcdefg", "at most 256"),
        ("aaaaaaaaaaaaaa", "too easy"),
        ("Safeguarding123", "too easy"),
        ("amina.archer rules", "Leave your name"),
        ("I am AminaArcher ok", "Leave your name"),
        ("Amina Archer is me", "Leave your name"),
    ],
)
def test_why_a_new_password_is_refused(password: str, sentence: str) -> None:
    reason = passwords.reasons_against(password, email="amina.archer@example.org", name="Amina Archer")
    assert sentence in reason
    assert bool(reason) is bool(sentence)


def test_a_short_name_does_not_rule_out_half_of_all_passwords() -> None:
    assert passwords.reasons_against("correct horse battery", email="o@example.org", name="Bo") == ""


def test_a_password_is_the_same_from_every_keyboard() -> None:
    stored = passwords.hash_password("cafe\u0301 au lait noir")
    assert passwords.check_password("caf\u00e9 au lait noir", stored)
    assert not passwords.check_password("cafe au lait noir", stored)
    assert not passwords.check_password("", "")
    assert stored.startswith("$argon2id$")
