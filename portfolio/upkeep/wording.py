"""Kinds of jobs and kinds of errors in words, for somebody who runs the installation. Pure."""

from __future__ import annotations

KINDS = {
    "preparation.prepare": "Check, scan and draw a file",
    "preparation.catch_up": "Look for files that still wait",
    "findings.read_file": "Look for names and numbers in a file",
    "objects.remove": "Remove bytes that nothing names",
    "objects.sweep": "Look for uploads that came to nothing",
    "uploads.expire": "Give up uploads that nobody went on with",
    "courses.move_on": "Let offers of places on courses lapse and offer them to the next",
    "evaluations.ask": "Ask somebody for the evaluation of a course",
    "evaluations.plan": "Find out who is to be asked for an evaluation",
    "offers.tell": "Tell somebody of a place on a course that is kept for them",
    "reminders.plan": "Find out who is to be reminded",
    "reminders.page": "Write the reminders of some people",
    "reminders.send": "Send one reminder",
    "ledger.mail_heads": "Find out who gets the ledger's daily proof",
    "ledger.mail_head": "Mail the ledger's daily proof",
    "ledger.tell_moved": "Tell where the ledger's proof is mailed from now on",
    "slips.tell": "Tell somebody that a reported piece waits for them",
    "slips.lay_beside_backups": "Note a purge beside the backups, for a restore",
    "slips.tidy_up": "Let go of the last traces of what was purged",
    "people.address_corrected": "Tell that a mistyped address was corrected",
    "people.address_moved": "Tell that an account has another address",
}
ERRORS = {
    "ScannerAway": "the virus scanner did not answer",
    "StoreUnavailable": "the store did not answer",
    "OperationalError": "the database did not answer",
    "Stopped": "the machine had no time for it",
    "object_missing": "the store has lost the file",
    "object_altered": "the store holds other bytes than were confirmed",
    "worker_died": "whoever did it was ended each time before it was done",
    "no_handler": "this version does not know how to do it",
}


def kind_words(kind: str) -> str:
    """What the job does; a kind without words is shown by its code."""
    return KINDS.get(kind, kind)


def error_words(error: str) -> str:
    """Why it failed the last time; an error without words is shown by its name, which is never a text."""
    return ERRORS.get(error, error)
