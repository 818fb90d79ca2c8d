"""First tables, with the triggers that keep records append-only and a locked portfolio frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "audit_event",
    "comment",
    "decision",
    "sign_off",
    "sign_off_piece",
    "testimony",
    "declaration",
    "gateway_lock",
    "unlock_request",
    "gateway_unlock",
    "dbs_record",
    "qualification_record",
    "support_record",
    "assessment_event",
    "withdrawal_event",
)
"""Rows of these are added, never changed, never deleted, by any path."""

FROZEN_WHEN_LOCKED = (
    "evidence",
    "evidence_version",
    "evidence_file",
    "version_file",
    "claim",
    "comment",
    "testimony",
    "decision",
    "sign_off",
    "sign_off_piece",
    "declaration",
    "dbs_record",
    "qualification_record",
    "support_record",
    "break_in_learning",
)
"""While a gateway lock stands, no row of these can be added, changed or deleted for that apprenticeship."""

LOCKED = (
    "EXISTS (SELECT 1 FROM gateway_lock l LEFT JOIN gateway_unlock u ON u.lock_id = l.id "
    "WHERE l.apprenticeship_id = {row}.apprenticeship_id AND u.id IS NULL)"
)
WAIT_FOR_LOCK = "PERFORM 1 FROM apprenticeship a WHERE a.id IN ({rows}) FOR KEY SHARE; "
"""PostgreSQL only: whoever locks the gateway holds this row FOR UPDATE. A write that comes meanwhile waits here, and
then looks whether the lock stands with a fresh snapshot; a write that came first makes the locking wait instead. SQLite
has one writer at a time."""
AFFECTED = {
    "INSERT": "NEW.apprenticeship_id",
    "UPDATE": "OLD.apprenticeship_id, NEW.apprenticeship_id",
    "DELETE": "OLD.apprenticeship_id",
}
REWRITTEN_VERSION = (
    "OLD.submitted_at IS NOT NULL AND (NEW.title <> OLD.title OR NEW.type <> OLD.type "
    "OR NEW.what_happened <> OLD.what_happened OR NEW.what_i_did <> OLD.what_i_did OR NEW.why <> OLD.why "
    "OR NEW.submitted_at IS NULL OR NEW.submitted_at <> OLD.submitted_at OR NEW.number <> OLD.number "
    "OR NEW.evidence_id <> OLD.evidence_id OR NEW.confidentiality <> OLD.confidentiality "
    "OR NEW.original_kept_at <> OLD.original_kept_at OR NEW.original_seen_by <> OLD.original_seen_by "
    "OR NEW.own_work <> OLD.own_work OR NEW.nobody_identifiable <> OLD.nobody_identifiable)"
)
OF_SUBMITTED_VERSION = (
    "EXISTS (SELECT 1 FROM evidence_version v WHERE v.id = {row}.version_id AND v.submitted_at IS NOT NULL)"
)


def rules() -> list[tuple[str, str, str, str, str]]:
    """(trigger name, table, moment, condition, message) for each thing that the database itself refuses."""
    found = []
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            found.append((f"{table}_no_{verb.lower()}", table, verb, "1 = 1", f"{table} is append-only"))
    for table in FROZEN_WHEN_LOCKED:
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            if verb != "INSERT" and table in APPEND_ONLY:
                continue
            name = f"{table}_locked_{verb.lower()}"
            locked = LOCKED.format(row=row)
            if verb == "UPDATE":  # nor may a row be moved in from elsewhere
                locked += f" OR (NEW.apprenticeship_id <> OLD.apprenticeship_id AND {LOCKED.format(row='NEW')})"
            found.append((name, table, verb, locked, "the portfolio is locked"))
    found.append(("evidence_version_frozen", "evidence_version", "UPDATE", REWRITTEN_VERSION, "a submitted version is frozen"))
    found.append(("evidence_version_kept", "evidence_version", "DELETE", "OLD.submitted_at IS NOT NULL", "a submitted version is kept"))
    for table in ("claim", "version_file"):
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            condition = OF_SUBMITTED_VERSION.format(row=row)
            found.append((f"{table}_frozen_{verb.lower()}", table, verb, condition, "a submitted version is frozen"))
    return found


def add_triggers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, verb, condition, message in rules():
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            continue
        row = "OLD" if verb == "DELETE" else "NEW"
        wait = WAIT_FOR_LOCK.format(rows=AFFECTED[verb]) if "_locked_" in name else ""
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {wait}"
            f"IF {condition} THEN RAISE EXCEPTION '{message}'; END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if sqlite:  # INSERT OR REPLACE must not rewrite a row either
        for table in APPEND_ONLY:
            op.execute(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def drop_triggers() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in rules():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    if sqlite:
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_no_replace")


def upgrade() -> None:
    op.create_table('cohort',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('standard_reference', sa.String(length=20), nullable=False),
    sa.Column('standard_version', sa.String(length=10), nullable=False),
    sa.Column('english_maths_policy', sa.String(length=30), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("english_maths_policy IN ('standard_sentence','funding_rules')", name=op.f('ck_cohort_policy')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cohort')),
    sa.UniqueConstraint('provider_id', 'name', name=op.f('uq_cohort_provider_id_name'))
    )
    op.create_index(op.f('ix_cohort_provider_id'), 'cohort', ['provider_id'], unique=False)
    op.create_table('employer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employer')),
    sa.UniqueConstraint('provider_id', 'name', name=op.f('uq_employer_provider_id_name'))
    )
    op.create_index(op.f('ix_employer_provider_id'), 'employer', ['provider_id'], unique=False)
    op.create_table('person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('is_admin', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('suspended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    op.create_table('provider',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('ukprn', sa.String(length=8), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider')),
    sa.UniqueConstraint('name', name=op.f('uq_provider_name'))
    )
    op.create_table('sign_in_count',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('window', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_count')),
    sa.UniqueConstraint('key', 'window', name=op.f('uq_sign_in_count_key_window'))
    )
    op.create_table('apprenticeship',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprentice_id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('employer_id', sa.Uuid(), nullable=False),
    sa.Column('standard_reference', sa.String(length=20), nullable=False),
    sa.Column('standard_version', sa.String(length=10), nullable=False),
    sa.Column('start_on', sa.Date(), nullable=False),
    sa.Column('planned_gateway_on', sa.Date(), nullable=False),
    sa.Column('date_of_birth', sa.Date(), nullable=True),
    sa.Column('uln', sa.String(length=10), nullable=False),
    sa.Column('provider_reference', sa.String(length=40), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=False),
    sa.Column('withdrawn_by_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(withdrawn_on IS NULL) = (withdrawn_by_id IS NULL)', name=op.f('ck_apprenticeship_withdrawn')),
    sa.CheckConstraint('planned_gateway_on > start_on', name=op.f('ck_apprenticeship_dates')),
    sa.ForeignKeyConstraint(['apprentice_id'], ['person.id'], name=op.f('fk_apprenticeship_apprentice_id')),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_apprenticeship_cohort_id')),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_apprenticeship_employer_id')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['person.id'], name=op.f('fk_apprenticeship_withdrawn_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_apprenticeship')),
    sa.UniqueConstraint('provider_id', 'apprentice_id', 'standard_reference', 'start_on', name=op.f('uq_apprenticeship_provider_id_apprentice_id_standard_reference_start_on'))
    )
    op.create_index(op.f('ix_apprenticeship_apprentice_id'), 'apprenticeship', ['apprentice_id'], unique=False)
    op.create_index(op.f('ix_apprenticeship_cohort_id'), 'apprenticeship', ['cohort_id'], unique=False)
    op.create_index(op.f('ix_apprenticeship_employer_id'), 'apprenticeship', ['employer_id'], unique=False)
    op.create_index(op.f('ix_apprenticeship_provider_id'), 'apprenticeship', ['provider_id'], unique=False)
    op.create_table('audit_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('record', sa.String(length=40), nullable=False),
    sa.Column('record_id', sa.Uuid(), nullable=True),
    sa.Column('about_apprenticeship_id', sa.Uuid(), nullable=True),
    sa.Column('about_person_id', sa.Uuid(), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_audit_event_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event'))
    )
    op.create_index('ix_audit_event_about', 'audit_event', ['about_apprenticeship_id', 'id'], unique=False)
    op.create_index(op.f('ix_audit_event_about_person_id'), 'audit_event', ['about_person_id'], unique=False)
    op.create_index('ix_audit_event_provider', 'audit_event', ['provider_id', 'id'], unique=False)
    op.create_index('ix_audit_event_by', 'audit_event', ['by_id', 'id'], unique=False)
    op.create_table('kept_form',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('had_files', sa.Boolean(), nullable=False),
    sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_kept_form_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_form'))
    )
    op.create_index(op.f('ix_kept_form_person_id'), 'kept_form', ['person_id'], unique=False)
    op.create_table('member',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('rights', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role IN ('apprentice','mentor','assessor','iqa','manager')", name=op.f('ck_member_role')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_member_person_id')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_member_provider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('provider_id', 'person_id', 'role', name=op.f('uq_member_provider_id_person_id_role'))
    )
    op.create_index(op.f('ix_member_person_id'), 'member', ['person_id'], unique=False)
    op.create_index(op.f('ix_member_provider_id'), 'member', ['provider_id'], unique=False)
    op.create_table('signed_in_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('device', sa.String(length=80), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_signed_in_session_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signed_in_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_signed_in_session_token_hash'))
    )
    op.create_index(op.f('ix_signed_in_session_person_id'), 'signed_in_session', ['person_id'], unique=False)
    op.create_table('single_use_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Uuid(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("purpose IN ('invitation','reset')", name=op.f('ck_single_use_link_purpose')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_single_use_link_created_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_single_use_link_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_single_use_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_single_use_link_token_hash'))
    )
    op.create_index(op.f('ix_single_use_link_person_id'), 'single_use_link', ['person_id'], unique=False)
    op.create_table('assessment_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('organisation', sa.String(length=200), nullable=False),
    sa.Column('component', sa.String(length=200), nullable=False),
    sa.Column('attempt', sa.String(length=10), nullable=False),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('result', sa.String(length=60), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('corrects_id', sa.Uuid(), nullable=True),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("attempt IN ('','first','resit','retake')", name=op.f('ck_assessment_event_attempt')),
    sa.CheckConstraint("kind IN ('organisation','planned','result','overall')", name=op.f('ck_assessment_event_kind')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_assessment_event_apprenticeship_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['assessment_event.id'], name=op.f('fk_assessment_event_corrects_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_assessment_event_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment_event')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_assessment_event_corrects_id'))
    )
    op.create_index(op.f('ix_assessment_event_provider_id'), 'assessment_event', ['provider_id'], unique=False)
    op.create_index('ix_assessment_event_timeline', 'assessment_event', ['apprenticeship_id', 'id'], unique=False)
    op.create_table('assignment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assigned_by_id', sa.Uuid(), nullable=True),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("role IN ('mentor','assessor','iqa')", name=op.f('ck_assignment_role')),
    sa.CheckConstraint('(until_at IS NULL) = (ended_by_id IS NULL)', name=op.f('ck_assignment_ended')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_assignment_apprenticeship_id')),
    sa.ForeignKeyConstraint(['assigned_by_id'], ['person.id'], name=op.f('fk_assignment_assigned_by_id')),
    sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name=op.f('fk_assignment_ended_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assignment_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment'))
    )
    op.create_index(op.f('ix_assignment_apprenticeship_id'), 'assignment', ['apprenticeship_id'], unique=False)
    op.create_index('ix_assignment_person', 'assignment', ['person_id', 'until_at'], unique=False)
    op.create_index(op.f('ix_assignment_provider_id'), 'assignment', ['provider_id'], unique=False)
    op.create_table('break_in_learning',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('began_on', sa.Date(), nullable=False),
    sa.Column('expected_back_on', sa.Date(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= began_on', name=op.f('ck_break_in_learning_dates')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_break_in_learning_apprenticeship_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_break_in_learning_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_break_in_learning'))
    )
    op.create_index(op.f('ix_break_in_learning_apprenticeship_id'), 'break_in_learning', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_break_in_learning_provider_id'), 'break_in_learning', ['provider_id'], unique=False)
    op.create_table('withdrawal_event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('withdrawn','undone')", name=op.f('ck_withdrawal_event_kind')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_withdrawal_event_apprenticeship_id')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_withdrawal_event_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_withdrawal_event'))
    )
    op.create_index(op.f('ix_withdrawal_event_apprenticeship_id'), 'withdrawal_event', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_withdrawal_event_provider_id'), 'withdrawal_event', ['provider_id'], unique=False)
    op.create_table('dbs_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('decision', sa.String(length=20), nullable=False),
    sa.Column('level', sa.String(length=20), nullable=False),
    sa.Column('workforce', sa.String(length=20), nullable=False),
    sa.Column('barred_lists', sa.String(length=20), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('last_four', sa.String(length=4), nullable=False),
    sa.Column('original_seen_by', sa.String(length=200), nullable=False),
    sa.Column('original_seen_on', sa.Date(), nullable=True),
    sa.Column('decided_by', sa.String(length=200), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('next_check_due_on', sa.Date(), nullable=True),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("barred_lists IN ('','none','children','adults','both')", name=op.f('ck_dbs_record_barred_lists')),
    sa.CheckConstraint("decision IN ('satisfactory','not_satisfactory','awaiting')", name=op.f('ck_dbs_record_decision')),
    sa.CheckConstraint("level IN ('','basic','standard','enhanced')", name=op.f('ck_dbs_record_level')),
    sa.CheckConstraint("workforce IN ('','child','adult','child_and_adult','other')", name=op.f('ck_dbs_record_workforce')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_dbs_record_apprenticeship_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_dbs_record_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dbs_record'))
    )
    op.create_index('ix_dbs_record_newest', 'dbs_record', ['apprenticeship_id', 'id'], unique=False)
    op.create_index(op.f('ix_dbs_record_provider_id'), 'dbs_record', ['provider_id'], unique=False)
    op.create_table('declaration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('party', sa.String(length=12), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('signed_by_id', sa.Uuid(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("party IN ('apprentice','employer','provider')", name=op.f('ck_declaration_party')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_declaration_apprenticeship_id')),
    sa.ForeignKeyConstraint(['signed_by_id'], ['person.id'], name=op.f('fk_declaration_signed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declaration')),
    sa.UniqueConstraint('apprenticeship_id', 'round', 'party', name=op.f('uq_declaration_apprenticeship_id_round_party'))
    )
    op.create_index(op.f('ix_declaration_provider_id'), 'declaration', ['provider_id'], unique=False)
    op.create_table('evidence',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('state_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Uuid(), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.Column('withdrawn_reason', sa.Text(), nullable=False),
    sa.Column('part_covered', sa.Boolean(), nullable=False),
    sa.CheckConstraint("state IN ('draft','submitted','returned','decided','withdrawn')", name=op.f('ck_evidence_state')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_evidence_apprenticeship_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_evidence_created_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    op.create_index('ix_evidence_list', 'evidence', ['apprenticeship_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_evidence_provider_id'), 'evidence', ['provider_id'], unique=False)
    op.create_index('ix_evidence_waiting', 'evidence', ['provider_id', 'state', 'state_since'], unique=False)
    op.create_table('gateway_lock',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('check_text', sa.Text(), nullable=False),
    sa.Column('portfolio_sha256', sa.String(length=64), nullable=False),
    sa.Column('locked_by_id', sa.Uuid(), nullable=False),
    sa.Column('locked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_gateway_lock_apprenticeship_id')),
    sa.ForeignKeyConstraint(['locked_by_id'], ['person.id'], name=op.f('fk_gateway_lock_locked_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_lock')),
    sa.UniqueConstraint('apprenticeship_id', 'round', name=op.f('uq_gateway_lock_apprenticeship_id_round'))
    )
    op.create_index(op.f('ix_gateway_lock_provider_id'), 'gateway_lock', ['provider_id'], unique=False)
    op.create_table('progress',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('cohort_id', sa.Uuid(), nullable=False),
    sa.Column('employer_id', sa.Uuid(), nullable=False),
    sa.Column('apprentice_id', sa.Uuid(), nullable=False),
    sa.Column('sort_name', sa.String(length=200), nullable=False),
    sa.Column('stage', sa.String(length=10), nullable=False),
    sa.Column('map', sa.Text(), nullable=False),
    sa.Column('statements', sa.Integer(), nullable=False),
    sa.Column('statements_covered', sa.Integer(), nullable=False),
    sa.Column('duties', sa.Integer(), nullable=False),
    sa.Column('duties_covered', sa.Integer(), nullable=False),
    sa.Column('with_assessor', sa.Integer(), nullable=False),
    sa.Column('returned', sa.Integer(), nullable=False),
    sa.Column('partly', sa.Integer(), nullable=False),
    sa.Column('signed_share', sa.Integer(), nullable=True),
    sa.Column('earned', sa.Integer(), nullable=True),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('pieces_waiting', sa.Integer(), nullable=False),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waiting_day', sa.Integer(), nullable=True),
    sa.Column('last_activity_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_activity_day', sa.Integer(), nullable=True),
    sa.Column('start_day', sa.Integer(), nullable=False),
    sa.Column('planned_gateway_day', sa.Integer(), nullable=False),
    sa.Column('break_days', sa.Integer(), nullable=False),
    sa.Column('break_began_day', sa.Integer(), nullable=True),
    sa.Column('back_day', sa.Integer(), nullable=True),
    sa.Column('earliest_gateway_day', sa.Integer(), nullable=True),
    sa.Column('gaps', sa.String(length=200), nullable=False),
    sa.Column('dbs_due_day', sa.Integer(), nullable=True),
    sa.Column('declarations', sa.Integer(), nullable=False),
    sa.Column('through_day', sa.Integer(), nullable=True),
    sa.CheckConstraint("stage IN ('active','break','withdrawn','through','assessed')", name=op.f('ck_progress_stage')),
    sa.ForeignKeyConstraint(['apprentice_id'], ['person.id'], name=op.f('fk_progress_apprentice_id')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_progress_apprenticeship_id')),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_progress_cohort_id')),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_progress_employer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress')),
    sa.UniqueConstraint('apprenticeship_id', name=op.f('uq_progress_apprenticeship_id'))
    )
    op.create_index('ix_progress_cohort_name', 'progress', ['cohort_id', 'sort_name', 'apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_progress_provider_id'), 'progress', ['provider_id'], unique=False)
    op.create_index('ix_progress_provider_name', 'progress', ['provider_id', 'sort_name', 'apprenticeship_id'], unique=False)
    op.create_index('ix_progress_standing', 'progress', ['provider_id', 'cohort_id', 'employer_id', 'stage', 'gaps', 'dbs_due_day', 'earliest_gateway_day', 'start_day', 'break_days', 'last_activity_day', 'back_day', 'earned', 'signed_share', 'break_began_day', 'planned_gateway_day', 'waiting_day', 'map'], unique=False)
    op.create_table('qualification_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.String(length=10), nullable=False),
    sa.Column('qualification', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('proof', sa.String(length=30), nullable=False),
    sa.Column('proof_seen_on', sa.Date(), nullable=True),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("qualification IN ('none','level_2','entry_level_3','bsl','attempt')", name=op.f('ck_qualification_record_qualification')),
    sa.CheckConstraint("subject IN ('english','maths')", name=op.f('ck_qualification_record_subject')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_qualification_record_apprenticeship_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_qualification_record_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification_record'))
    )
    op.create_index('ix_qualification_record_newest', 'qualification_record', ['apprenticeship_id', 'subject', 'id'], unique=False)
    op.create_index(op.f('ix_qualification_record_provider_id'), 'qualification_record', ['provider_id'], unique=False)
    op.create_table('support_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('plan', sa.String(length=40), nullable=False),
    sa.Column('plan_seen_on', sa.Date(), nullable=True),
    sa.Column('primary_bsl_user', sa.Boolean(), nullable=False),
    sa.Column('english_judgement_on', sa.Date(), nullable=True),
    sa.Column('maths_judgement_on', sa.Date(), nullable=True),
    sa.Column('english_opted_in', sa.Boolean(), nullable=False),
    sa.Column('maths_opted_in', sa.Boolean(), nullable=False),
    sa.Column('recorded_by_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("plan IN ('none','education_health_care_plan','legacy_statement')", name=op.f('ck_support_record_plan')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_support_record_apprenticeship_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_support_record_recorded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_support_record'))
    )
    op.create_index('ix_support_record_newest', 'support_record', ['apprenticeship_id', 'id'], unique=False)
    op.create_index(op.f('ix_support_record_provider_id'), 'support_record', ['provider_id'], unique=False)
    op.create_table('comment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_comment_apprenticeship_id')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_comment_author_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_comment_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('evidence_id', 'author_id', 'form_key', name=op.f('uq_comment_evidence_id_author_id_form_key'))
    )
    op.create_index(op.f('ix_comment_apprenticeship_id'), 'comment', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_comment_provider_id'), 'comment', ['provider_id'], unique=False)
    op.create_index('ix_comment_thread', 'comment', ['evidence_id', 'id'], unique=False)
    op.create_table('evidence_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('storage_key', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256_received', sa.String(length=64), nullable=False),
    sa.Column('sha256_stored', sa.String(length=64), nullable=False),
    sa.Column('removed', sa.Text(), nullable=False),
    sa.Column('preview_key', sa.String(length=120), nullable=False),
    sa.Column('thumbnail_key', sa.String(length=120), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_evidence_file_apprenticeship_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_file_evidence_id')),
    sa.ForeignKeyConstraint(['uploaded_by_id'], ['person.id'], name=op.f('fk_evidence_file_uploaded_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_file')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_evidence_file_storage_key'))
    )
    op.create_index(op.f('ix_evidence_file_apprenticeship_id'), 'evidence_file', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_evidence_file_evidence_id'), 'evidence_file', ['evidence_id'], unique=False)
    op.create_index(op.f('ix_evidence_file_provider_id'), 'evidence_file', ['provider_id'], unique=False)
    op.create_table('evidence_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('is_latest', sa.Boolean(), nullable=False),
    sa.Column('type', sa.String(length=30), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=True),
    sa.Column('what_happened', sa.Text(), nullable=False),
    sa.Column('what_i_did', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('original_kept_at', sa.Text(), nullable=False),
    sa.Column('original_seen_by', sa.Text(), nullable=False),
    sa.Column('confidentiality', sa.String(length=20), nullable=False),
    sa.Column('nobody_identifiable', sa.Boolean(), nullable=False),
    sa.Column('own_work', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("confidentiality IN ('','not_a_record','anonymised','original_stays')", name=op.f('ck_evidence_version_confidentiality')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_evidence_version_apprenticeship_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_version_evidence_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_version')),
    sa.UniqueConstraint('evidence_id', 'number', name=op.f('uq_evidence_version_evidence_id_number'))
    )
    op.create_index(op.f('ix_evidence_version_apprenticeship_id'), 'evidence_version', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_evidence_version_provider_id'), 'evidence_version', ['provider_id'], unique=False)
    op.create_table('thread_read',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('read_until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_thread_read_evidence_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_thread_read_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread_read')),
    sa.UniqueConstraint('evidence_id', 'person_id', name=op.f('uq_thread_read_evidence_id_person_id'))
    )
    op.create_index(op.f('ix_thread_read_person_id'), 'thread_read', ['person_id'], unique=False)
    op.create_index(op.f('ix_thread_read_provider_id'), 'thread_read', ['provider_id'], unique=False)
    op.create_table('unlock_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('lock_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_unlock_request_apprenticeship_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_unlock_request_asked_by_id')),
    sa.ForeignKeyConstraint(['lock_id'], ['gateway_lock.id'], name=op.f('fk_unlock_request_lock_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unlock_request'))
    )
    op.create_index(op.f('ix_unlock_request_apprenticeship_id'), 'unlock_request', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_unlock_request_provider_id'), 'unlock_request', ['provider_id'], unique=False)
    op.create_table('claim',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.String(length=10), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_claim_apprenticeship_id')),
    sa.ForeignKeyConstraint(['version_id'], ['evidence_version.id'], name=op.f('fk_claim_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim')),
    sa.UniqueConstraint('version_id', 'item_code', name=op.f('uq_claim_version_id_item_code'))
    )
    op.create_index('ix_claim_item', 'claim', ['apprenticeship_id', 'item_code'], unique=False)
    op.create_index(op.f('ix_claim_provider_id'), 'claim', ['provider_id'], unique=False)
    op.create_table('gateway_unlock',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('lock_id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('approved_by_id', sa.Uuid(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_gateway_unlock_apprenticeship_id')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_gateway_unlock_approved_by_id')),
    sa.ForeignKeyConstraint(['lock_id'], ['gateway_lock.id'], name=op.f('fk_gateway_unlock_lock_id')),
    sa.ForeignKeyConstraint(['request_id'], ['unlock_request.id'], name=op.f('fk_gateway_unlock_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gateway_unlock')),
    sa.UniqueConstraint('lock_id', name=op.f('uq_gateway_unlock_lock_id')),
    sa.UniqueConstraint('request_id', name=op.f('uq_gateway_unlock_request_id'))
    )
    op.create_index(op.f('ix_gateway_unlock_apprenticeship_id'), 'gateway_unlock', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_gateway_unlock_provider_id'), 'gateway_unlock', ['provider_id'], unique=False)
    op.create_table('testimony',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('version_sha256', sa.String(length=64), nullable=False),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('relation', sa.String(length=200), nullable=False),
    sa.Column('saw_on', sa.Date(), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_testimony_apprenticeship_id')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_testimony_author_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_testimony_evidence_id')),
    sa.ForeignKeyConstraint(['version_id'], ['evidence_version.id'], name=op.f('fk_testimony_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_testimony'))
    )
    op.create_index(op.f('ix_testimony_apprenticeship_id'), 'testimony', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_testimony_evidence_id'), 'testimony', ['evidence_id'], unique=False)
    op.create_index(op.f('ix_testimony_provider_id'), 'testimony', ['provider_id'], unique=False)
    op.create_table('version_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_version_file_apprenticeship_id')),
    sa.ForeignKeyConstraint(['file_id'], ['evidence_file.id'], name=op.f('fk_version_file_file_id')),
    sa.ForeignKeyConstraint(['version_id'], ['evidence_version.id'], name=op.f('fk_version_file_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_version_file')),
    sa.UniqueConstraint('version_id', 'file_id', name=op.f('uq_version_file_version_id_file_id'))
    )
    op.create_index(op.f('ix_version_file_apprenticeship_id'), 'version_file', ['apprenticeship_id'], unique=False)
    op.create_index(op.f('ix_version_file_file_id'), 'version_file', ['file_id'], unique=False)
    op.create_index(op.f('ix_version_file_provider_id'), 'version_file', ['provider_id'], unique=False)
    op.create_table('decision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('evidence_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.Column('claim_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.String(length=10), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('valid', sa.Boolean(), nullable=False),
    sa.Column('authentic', sa.Boolean(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('sufficient', sa.Boolean(), nullable=False),
    sa.Column('reliable', sa.Boolean(), nullable=False),
    sa.Column('missing', sa.Text(), nullable=False),
    sa.Column('supersedes_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_by_id', sa.Uuid(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.CheckConstraint("outcome = 'covered' OR missing <> ''", name=op.f('ck_decision_missing')),
    sa.CheckConstraint("outcome IN ('covered','partly','not_yet')", name=op.f('ck_decision_outcome')),
    sa.CheckConstraint("supersedes_id IS NULL OR reason <> ''", name=op.f('ck_decision_reason')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_decision_apprenticeship_id')),
    sa.ForeignKeyConstraint(['claim_id'], ['claim.id'], name=op.f('fk_decision_claim_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_decision_decided_by_id')),
    sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_decision_evidence_id')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['decision.id'], name=op.f('fk_decision_supersedes_id')),
    sa.ForeignKeyConstraint(['version_id'], ['evidence_version.id'], name=op.f('fk_decision_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('form_key', 'claim_id', name=op.f('uq_decision_form_key_claim_id')),
    sa.UniqueConstraint('supersedes_id', name=op.f('uq_decision_supersedes_id'))
    )
    op.create_index(op.f('ix_decision_claim_id'), 'decision', ['claim_id'], unique=False)
    op.create_index(op.f('ix_decision_evidence_id'), 'decision', ['evidence_id'], unique=False)
    op.create_index('ix_decision_item', 'decision', ['apprenticeship_id', 'item_code', 'id'], unique=False)
    op.create_index(op.f('ix_decision_provider_id'), 'decision', ['provider_id'], unique=False)
    op.create_table('sign_off',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('basis', sa.String(length=20), nullable=False),
    sa.Column('decision_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('signed_by_id', sa.Uuid(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('form_key', sa.String(length=64), nullable=False),
    sa.CheckConstraint("basis IN ('decision','several_pieces','superseded')", name=op.f('ck_sign_off_basis')),
    sa.CheckConstraint("decision_id IS NOT NULL OR reason <> ''", name=op.f('ck_sign_off_reason')),
    sa.CheckConstraint("kind IN ('signed_off','withdrawn')", name=op.f('ck_sign_off_kind')),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_sign_off_apprenticeship_id')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_sign_off_decision_id')),
    sa.ForeignKeyConstraint(['signed_by_id'], ['person.id'], name=op.f('fk_sign_off_signed_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_off')),
    sa.UniqueConstraint('apprenticeship_id', 'item_code', 'form_key', name=op.f('uq_sign_off_apprenticeship_id_item_code_form_key'))
    )
    op.create_index('ix_sign_off_item', 'sign_off', ['apprenticeship_id', 'item_code', 'id'], unique=False)
    op.create_index(op.f('ix_sign_off_provider_id'), 'sign_off', ['provider_id'], unique=False)
    op.create_table('sign_off_piece',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('apprenticeship_id', sa.Uuid(), nullable=False),
    sa.Column('sign_off_id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['apprenticeship_id'], ['apprenticeship.id'], name=op.f('fk_sign_off_piece_apprenticeship_id')),
    sa.ForeignKeyConstraint(['sign_off_id'], ['sign_off.id'], name=op.f('fk_sign_off_piece_sign_off_id')),
    sa.ForeignKeyConstraint(['version_id'], ['evidence_version.id'], name=op.f('fk_sign_off_piece_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_off_piece'))
    )
    op.create_index(op.f('ix_sign_off_piece_provider_id'), 'sign_off_piece', ['provider_id'], unique=False)
    op.create_index(op.f('ix_sign_off_piece_sign_off_id'), 'sign_off_piece', ['sign_off_id'], unique=False)
    add_triggers()


def downgrade() -> None:
    drop_triggers()
    op.drop_index(op.f('ix_sign_off_piece_sign_off_id'), table_name='sign_off_piece')
    op.drop_index(op.f('ix_sign_off_piece_provider_id'), table_name='sign_off_piece')
    op.drop_table('sign_off_piece')
    op.drop_index(op.f('ix_sign_off_provider_id'), table_name='sign_off')
    op.drop_index('ix_sign_off_item', table_name='sign_off')
    op.drop_table('sign_off')
    op.drop_index(op.f('ix_decision_provider_id'), table_name='decision')
    op.drop_index('ix_decision_item', table_name='decision')
    op.drop_index(op.f('ix_decision_evidence_id'), table_name='decision')
    op.drop_index(op.f('ix_decision_claim_id'), table_name='decision')
    op.drop_table('decision')
    op.drop_index(op.f('ix_version_file_provider_id'), table_name='version_file')
    op.drop_index(op.f('ix_version_file_file_id'), table_name='version_file')
    op.drop_index(op.f('ix_version_file_apprenticeship_id'), table_name='version_file')
    op.drop_table('version_file')
    op.drop_index(op.f('ix_testimony_provider_id'), table_name='testimony')
    op.drop_index(op.f('ix_testimony_evidence_id'), table_name='testimony')
    op.drop_index(op.f('ix_testimony_apprenticeship_id'), table_name='testimony')
    op.drop_table('testimony')
    op.drop_index(op.f('ix_gateway_unlock_provider_id'), table_name='gateway_unlock')
    op.drop_index(op.f('ix_gateway_unlock_apprenticeship_id'), table_name='gateway_unlock')
    op.drop_table('gateway_unlock')
    op.drop_index(op.f('ix_claim_provider_id'), table_name='claim')
    op.drop_index('ix_claim_item', table_name='claim')
    op.drop_table('claim')
    op.drop_index(op.f('ix_unlock_request_provider_id'), table_name='unlock_request')
    op.drop_index(op.f('ix_unlock_request_apprenticeship_id'), table_name='unlock_request')
    op.drop_table('unlock_request')
    op.drop_index(op.f('ix_thread_read_provider_id'), table_name='thread_read')
    op.drop_index(op.f('ix_thread_read_person_id'), table_name='thread_read')
    op.drop_table('thread_read')
    op.drop_index(op.f('ix_evidence_version_provider_id'), table_name='evidence_version')
    op.drop_index(op.f('ix_evidence_version_apprenticeship_id'), table_name='evidence_version')
    op.drop_table('evidence_version')
    op.drop_index(op.f('ix_evidence_file_provider_id'), table_name='evidence_file')
    op.drop_index(op.f('ix_evidence_file_evidence_id'), table_name='evidence_file')
    op.drop_index(op.f('ix_evidence_file_apprenticeship_id'), table_name='evidence_file')
    op.drop_table('evidence_file')
    op.drop_index('ix_comment_thread', table_name='comment')
    op.drop_index(op.f('ix_comment_provider_id'), table_name='comment')
    op.drop_index(op.f('ix_comment_apprenticeship_id'), table_name='comment')
    op.drop_table('comment')
    op.drop_index(op.f('ix_support_record_provider_id'), table_name='support_record')
    op.drop_index('ix_support_record_newest', table_name='support_record')
    op.drop_table('support_record')
    op.drop_index(op.f('ix_qualification_record_provider_id'), table_name='qualification_record')
    op.drop_index('ix_qualification_record_newest', table_name='qualification_record')
    op.drop_table('qualification_record')
    op.drop_index('ix_progress_standing', table_name='progress')
    op.drop_index('ix_progress_provider_name', table_name='progress')
    op.drop_index(op.f('ix_progress_provider_id'), table_name='progress')
    op.drop_index('ix_progress_cohort_name', table_name='progress')
    op.drop_table('progress')
    op.drop_index(op.f('ix_gateway_lock_provider_id'), table_name='gateway_lock')
    op.drop_table('gateway_lock')
    op.drop_index('ix_evidence_waiting', table_name='evidence')
    op.drop_index(op.f('ix_evidence_provider_id'), table_name='evidence')
    op.drop_index('ix_evidence_list', table_name='evidence')
    op.drop_table('evidence')
    op.drop_index(op.f('ix_declaration_provider_id'), table_name='declaration')
    op.drop_table('declaration')
    op.drop_index(op.f('ix_dbs_record_provider_id'), table_name='dbs_record')
    op.drop_index('ix_dbs_record_newest', table_name='dbs_record')
    op.drop_table('dbs_record')
    op.drop_index(op.f('ix_withdrawal_event_provider_id'), table_name='withdrawal_event')
    op.drop_index(op.f('ix_withdrawal_event_apprenticeship_id'), table_name='withdrawal_event')
    op.drop_table('withdrawal_event')
    op.drop_index(op.f('ix_break_in_learning_provider_id'), table_name='break_in_learning')
    op.drop_index(op.f('ix_break_in_learning_apprenticeship_id'), table_name='break_in_learning')
    op.drop_table('break_in_learning')
    op.drop_index(op.f('ix_assignment_provider_id'), table_name='assignment')
    op.drop_index('ix_assignment_person', table_name='assignment')
    op.drop_index(op.f('ix_assignment_apprenticeship_id'), table_name='assignment')
    op.drop_table('assignment')
    op.drop_index('ix_assessment_event_timeline', table_name='assessment_event')
    op.drop_index(op.f('ix_assessment_event_provider_id'), table_name='assessment_event')
    op.drop_table('assessment_event')
    op.drop_index(op.f('ix_single_use_link_person_id'), table_name='single_use_link')
    op.drop_table('single_use_link')
    op.drop_index(op.f('ix_signed_in_session_person_id'), table_name='signed_in_session')
    op.drop_table('signed_in_session')
    op.drop_index(op.f('ix_member_provider_id'), table_name='member')
    op.drop_index(op.f('ix_member_person_id'), table_name='member')
    op.drop_table('member')
    op.drop_index(op.f('ix_kept_form_person_id'), table_name='kept_form')
    op.drop_table('kept_form')
    op.drop_index('ix_audit_event_by', table_name='audit_event')
    op.drop_index('ix_audit_event_provider', table_name='audit_event')
    op.drop_index(op.f('ix_audit_event_about_person_id'), table_name='audit_event')
    op.drop_index('ix_audit_event_about', table_name='audit_event')
    op.drop_table('audit_event')
    op.drop_index(op.f('ix_apprenticeship_provider_id'), table_name='apprenticeship')
    op.drop_index(op.f('ix_apprenticeship_employer_id'), table_name='apprenticeship')
    op.drop_index(op.f('ix_apprenticeship_cohort_id'), table_name='apprenticeship')
    op.drop_index(op.f('ix_apprenticeship_apprentice_id'), table_name='apprenticeship')
    op.drop_table('apprenticeship')
    op.drop_table('sign_in_count')
    op.drop_table('provider')
    op.drop_table('person')
    op.drop_index(op.f('ix_employer_provider_id'), table_name='employer')
    op.drop_table('employer')
    op.drop_index(op.f('ix_cohort_provider_id'), table_name='cohort')
    op.drop_table('cohort')
