"""What was written may be sealed, put back, and purged: three exchanges of words, in rows that otherwise never change.

A report that somebody can be recognised must close a piece at once, and what the provider's leads purge must really go.
So the triggers that keep submitted versions, testimonies, decisions and locked portfolios let a column of text change
in three ways and no other, with every other column as it was:

  words → CLOSED    while a copy of those very words lies in sealed_words
  CLOSED → words    only the words that lie there
  CLOSED → REMOVED  only where a tombstone was laid for the piece

Nobody can put words of their own there, and none can be lost: sealed_words lets a copy go only when its slip was
restored, and empties it only under a tombstone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CLOSED, REMOVED, GONE = "Closed: being looked at", "Removed: it identified somebody", "purged/"

TEXTS = {
    "evidence": "withdrawn_reason",
    "evidence_version": (
        "title what_happened what_i_did why original_kept_at original_seen_by original_what"
    ),
    "evidence_file": "name not_cleaned still_holds",
    "claim": "note",
    "comment": "text",
    "testimony": "relation statement",
    "decision": "missing reason",
    "sign_off": "reason",
    "sighting": "seen_where statement",
}
REST = {
    "evidence": (
        "id provider_id apprenticeship_id state state_since created_at created_by_id form_key part_covered"
    ),
    "evidence_version": (
        "id provider_id apprenticeship_id evidence_id number is_latest type happened_on confidentiality "
        "nobody_identifiable own_work created_at edited_at submitted_at original_seen_on"
    ),
    "evidence_file": (
        "id provider_id apprenticeship_id evidence_id kind size sha256_received sha256_stored removed uploaded_at "
        "uploaded_by_id kept_uncleaned_at covered_at"
    ),
    "claim": "id provider_id apprenticeship_id version_id item_code position",
    "comment": "id provider_id apprenticeship_id evidence_id author_id role written_at form_key",
    "testimony": (
        "id provider_id apprenticeship_id evidence_id version_id version_sha256 author_id saw_on signed_at"
    ),
    "decision": (
        "id provider_id apprenticeship_id evidence_id version_id claim_id item_code outcome valid authentic current "
        "sufficient reliable supersedes_id decided_by_id decided_at form_key"
    ),
    "sign_off": (
        "id provider_id apprenticeship_id item_code kind basis decision_id signed_by_id signed_at form_key"
    ),
    "sighting": (
        "id provider_id apprenticeship_id evidence_id version_id version_number version_sha256 signed_by_id role "
        "seen_on signed_at"
    ),
}
"""Every other column, so that none of them changes along with the words."""
APPEND_ONLY = ("comment", "testimony", "decision", "sign_off", "sighting")
LOCKABLE = ("evidence", "evidence_version", "evidence_file", "claim")

# As the migrations 0001 and 0020 say it.
LOCKED = (
    "EXISTS (SELECT 1 FROM gateway_lock l LEFT JOIN gateway_unlock u ON u.lock_id = l.id "
    "WHERE l.apprenticeship_id = {row}.apprenticeship_id AND u.id IS NULL)"
)
LOCKED_UPDATE = (
    LOCKED.format(row="OLD")
    + f" OR (NEW.apprenticeship_id <> OLD.apprenticeship_id AND {LOCKED.format(row='NEW')})"
)
WAIT_FOR_LOCK = "PERFORM 1 FROM apprenticeship a WHERE a.id IN (OLD.apprenticeship_id, NEW.apprenticeship_id) FOR KEY SHARE; "
VERSION_TEXTS = ("title", "what_happened", "what_i_did", "why", "original_kept_at", "original_seen_by")
OF_SUBMITTED = (
    "EXISTS (SELECT 1 FROM evidence_version v WHERE v.id = OLD.version_id AND v.submitted_at IS NOT NULL)"
)


def changed(column: str, sealing: bool) -> str:
    """Whether this column was given other words; with `sealing` only words that are not its seal's."""
    return f"(NEW.{column} <> OLD.{column}" + (f" AND NOT {exchanged(column)})" if sealing else ")")


def rewritten_version(sealing: bool) -> str:
    texts = {name: changed(name, sealing) for name in VERSION_TEXTS}
    return (
        f"OLD.submitted_at IS NOT NULL AND ({texts['title']} OR NEW.type <> OLD.type "
        f"OR {texts['what_happened']} OR {texts['what_i_did']} OR {texts['why']} "
        "OR NEW.submitted_at IS NULL OR NEW.submitted_at <> OLD.submitted_at OR NEW.number <> OLD.number "
        "OR NEW.evidence_id <> OLD.evidence_id OR NEW.confidentiality <> OLD.confidentiality "
        f"OR {texts['original_kept_at']} OR {texts['original_seen_by']} "
        "OR NEW.own_work <> OLD.own_work OR NEW.nobody_identifiable <> OLD.nobody_identifiable)"
    )


def rewritten_original(sealing: bool) -> str:
    return (
        f"OLD.submitted_at IS NOT NULL AND ({changed('original_what', sealing)} "
        "OR NEW.original_seen_on <> OLD.original_seen_on "
        "OR (NEW.original_seen_on IS NULL AND OLD.original_seen_on IS NOT NULL) "
        "OR (NEW.original_seen_on IS NOT NULL AND OLD.original_seen_on IS NULL))"
    )


def exchanged(column: str) -> str:
    """Whether the words of this column were exchanged in one of the three ways."""
    return (
        f"EXISTS (SELECT 1 FROM sealed_words s WHERE s.record_id = OLD.id AND s.field = '{column}' "  # noqa: S608
        f"AND s.purged_at IS NULL AND ((NEW.{column} = '{CLOSED}' AND s.words = OLD.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND s.words = NEW.{column}) "
        f"OR (OLD.{column} = '{CLOSED}' AND NEW.{column} = '{REMOVED}' "
        "AND EXISTS (SELECT 1 FROM tombstone t WHERE t.slip_id = s.slip_id))))"
    )


def only_sealed(table: str) -> str:
    """Whether nothing but sealing, restoring or purging happened to this row, and one of them did."""
    same = "IS" if op.get_bind().dialect.name == "sqlite" else "IS NOT DISTINCT FROM"
    texts = TEXTS[table].split()
    rest = [f"NEW.{name} {same} OLD.{name}" for name in REST[table].split()]
    some = [f"NEW.{name} <> OLD.{name}" for name in texts]
    if table == "evidence_file":
        gone = "EXISTS (SELECT 1 FROM tombstone t WHERE t.evidence_id = OLD.evidence_id)"
        rest.append(f"(NEW.storage_key = OLD.storage_key OR (NEW.storage_key LIKE '{GONE}%' AND {gone}))")
        some.append("NEW.storage_key <> OLD.storage_key")
    kept = [f"(NEW.{name} = OLD.{name} OR {exchanged(name)})" for name in texts]
    return f"(({' OR '.join(some)}) AND {' AND '.join(rest + kept)})"


def before() -> list[tuple[str, str, str, str]]:
    """(trigger name, table, condition, message) as the migrations before this one made them."""
    return [
        *((f"{table}_no_update", table, "1 = 1", f"{table} is append-only") for table in APPEND_ONLY),
        *((f"{table}_locked_update", table, LOCKED_UPDATE, "the portfolio is locked") for table in LOCKABLE),
        ("claim_frozen_update", "claim", OF_SUBMITTED, "a submitted version is frozen"),
        ("evidence_version_frozen", "evidence_version", rewritten_version(False), "a submitted version is frozen"),
        ("evidence_version_original_frozen", "evidence_version", rewritten_original(False), "a submitted version is frozen"),
    ]  # fmt: skip


def now() -> list[tuple[str, str, str, str]]:
    return [
        *(
            (f"{table}_only_sealed", table, f"NOT {only_sealed(table)}", f"{table} is append-only")
            for table in APPEND_ONLY
        ),
        *(
            (f"{table}_locked_update", table, f"({LOCKED_UPDATE}) AND NOT {only_sealed(table)}", "the portfolio is locked")
            for table in LOCKABLE
        ),
        ("claim_frozen_update", "claim", f"{OF_SUBMITTED} AND NOT {only_sealed('claim')}", "a submitted version is frozen"),
        ("evidence_version_frozen", "evidence_version", rewritten_version(True), "a submitted version is frozen"),
        ("evidence_version_original_frozen", "evidence_version", rewritten_original(True), "a submitted version is frozen"),
    ]  # fmt: skip


def upgrade() -> None:
    replace(before(), now())


def downgrade() -> None:
    replace(now(), before())


def replace(old: list[tuple[str, str, str, str]], new: list[tuple[str, str, str, str]]) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in old:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    if sqlite:
        for name, table, condition, message in new:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for name, table, condition, message in new:
        wait = WAIT_FOR_LOCK if "_locked_" in name else ""
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$ "
            f"BEGIN {wait}IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
