"""The access matrix, written out again by hand, and the rules around it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portfolio import access
from portfolio.access import Membership, Permission, Right, Role, Viewer

# columns: apprentice, mentor, assessor, IQA, manager, manager with DBS right, manager with support right,
# confidentiality lead, admin
MATRIX = """
VIEW_PORTFOLIO          x x x x x x x x -
ADD_EVIDENCE            x - - - - - - - -
WITHDRAW_EVIDENCE       x - - - x x x x -
COMMENT                 x x x - - - - - -
GIVE_TESTIMONY          - x - - - - - - -
CONFIRM_ORIGINAL        - x x - - - - - -
LOG_TRAINING            x - - - - - - - -
CONFIRM_HOURS           - x x - - - - - -
CHOOSE_FRAMEWORK        - x - - x x x x -
VIEW_RATINGS            x x - - - - - - -
RATE_SELF               x - - - - - - - -
GIVE_SECOND_RATING      - x - - - - - - -
VIEW_DUE                x x - - x x x x -
RECORD_INDUCTION        - x - - x x x x -
VIEW_DEVELOPMENT        x x - - - - - - -
KEEP_DEVELOPMENT        x - - - - - - - -
VIEW_BOOKINGS           x x x - x x x x -
BOOK_TRAINING           x - - - - - - - -
APPROVE_BOOKING         - x - - - - - - -
DECIDE                  - - x - - - - - -
VIEW_GATEWAY            x x x x x x x x -
DECLARE_AS_APPRENTICE   x - - - - - - - -
DECLARE_AS_EMPLOYER     - x - - - - - - -
DECLARE_AS_PROVIDER     - - x - x x x x -
LOCK_GATEWAY            - - - - x x x x -
UNLOCK_GATEWAY          - - - x x x x x -
RECORD_ASSESSMENT       - - - - x x x x -
VIEW_DBS_STATE          x x x - x x x x -
VIEW_DBS_DETAIL         x - - - - x - - -
RECORD_DBS              - - - - - x - - -
RECORD_QUALIFICATIONS   - - - - x x x x -
VIEW_SUPPORT_STATUS     x - - - - - x - -
RECORD_SUPPORT_STATUS   - - - - - - x - -
MANAGE_APPRENTICESHIP   - - - - x x x x -
VIEW_AUDIT_TRAIL        x - - - x x x x -
VIEW_OPENINGS           x - - - - - - x -
REPORT_SLIP             x x x x x x x x -
MANAGE_PEOPLE           - - - - x x x x -
MANAGE_COHORTS          - - - - x x x x -
VIEW_COHORTS            - - - - x x x x -
VIEW_LEDGER             - - - x x x x x -
SET_LEDGER_ADDRESS      - - - - x x x x -
MANAGE_FRAMEWORKS       - - - - x x x x -
CONFIRM_LINKS           - - x - - - - - -
MANAGE_COURSES          - - - - x x x x -
HANDLE_SLIPS            - - - - - - - x -
MANAGE_PROVIDERS        - - - - - - - - x
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]
COLUMNS: list[tuple[set[Role], set[Right]]] = [
    ({Role.APPRENTICE}, set()),
    ({Role.MENTOR}, set()),
    ({Role.ASSESSOR}, set()),
    ({Role.IQA}, set()),
    ({Role.MANAGER}, set()),
    ({Role.MANAGER}, {Right.DBS}),
    ({Role.MANAGER}, {Right.SUPPORT}),
    ({Role.MANAGER}, {Right.CONFIDENTIALITY}),
    ({Role.ADMIN}, set()),
]


def test_the_matrix_names_every_permission() -> None:
    assert [row[0] for row in ROWS] == [permission.name for permission in Permission]


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_each_role_has_exactly_these_permissions(column: int) -> None:
    roles, rights = COLUMNS[column]
    expected = {Permission[row[0]] for row in ROWS if row[1 + column] == "x"}
    assert access.permissions(roles, rights) == expected


def test_a_named_right_is_nothing_without_being_a_manager() -> None:
    assert access.permissions({Role.ASSESSOR}, set(Right)) == access.GRANTS[Role.ASSESSOR]


HOME, ELSEWHERE, ME = uuid4(), uuid4(), uuid4()


def a_viewer(*roles: Role, person: UUID = ME, provider: UUID = HOME, admin: bool = False) -> Viewer:
    memberships = (Membership(provider, "Northern Skills", frozenset(roles)),) if roles else ()
    return Viewer(person, "Somebody", "somebody@example.org", uuid4(), admin, memberships)


def towards(viewer: Viewer, *, apprentice: UUID | None = None, assigned: tuple[Role, ...] = ()) -> set[Role]:
    return set(
        access.roles_towards(viewer, apprentice_id=apprentice or uuid4(), provider_id=HOME, assigned=assigned)
    )


def test_an_assessor_is_a_stranger_to_an_apprentice_they_are_not_assigned_to() -> None:
    assert towards(a_viewer(Role.ASSESSOR)) == set()


def test_an_assignment_counts_only_while_the_role_is_held_in_the_provider() -> None:
    assert towards(a_viewer(Role.ASSESSOR), assigned=(Role.ASSESSOR,)) == {Role.ASSESSOR}
    assert towards(a_viewer(Role.MENTOR), assigned=(Role.ASSESSOR,)) == set()


def test_a_manager_of_another_provider_is_a_stranger() -> None:
    assert towards(a_viewer(Role.MANAGER, provider=ELSEWHERE)) == set()


def test_nobody_is_assessor_or_manager_of_their_own_apprenticeship() -> None:
    viewer = a_viewer(Role.APPRENTICE, Role.ASSESSOR, Role.MANAGER)
    assert towards(viewer, apprentice=ME, assigned=(Role.ASSESSOR, Role.MENTOR)) == {Role.APPRENTICE}


def test_an_installation_admin_sees_no_portfolio() -> None:
    assert towards(a_viewer(admin=True)) == set()


def test_the_readme_prints_the_table_as_it_is_in_the_code() -> None:
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
    assert access_table() in readme, "README.md differs: print it anew with python -m tests.test_access"


def access_table() -> str:
    """The table of README.md."""
    rows = access.table()
    names = list(rows[0][1])
    lines = ["| May … | " + " | ".join(names) + " |", "| --- |" + " :-: |" * len(names)]
    lines += [
        f"| {what} | " + " | ".join("yes" if held[name] else "–" for name in names) + " |"
        for what, held in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(access_table())
