"""What was just done, in words, on the page that follows. Only a key travels in the address."""

from __future__ import annotations

NOTICES = {
    "saved": "Saved as a draft. Only you can see it.",
    "titled": "Saved as a draft. It had no title, so it got one from what is in it; change it when you edit.",
    "kept": "What you typed is saved as a draft. If there were files, choose them again before you submit it.",
    "removed": "The file is removed, and everything else is saved.",
    "submitted": "Submitted. It is with the assessor now.",
    "withdrawn": "Withdrawn. It is kept with your reason; choose the status “Withdrawn” to see it.",
}
ONCE = "A file that was in this piece already is kept once."


def sentence_for(done: str, *, once: str = "") -> str:
    """The sentence for a key; nothing for a key that is none of ours."""
    return " ".join(part for part in (NOTICES.get(done, ""), ONCE if once else "") if part)
