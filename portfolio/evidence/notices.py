"""What was just done, in words, on the page that follows. Only a key travels in the address."""

from __future__ import annotations

NOTICES = {
    "saved": "Saved as a draft. Only you can see it.",
    "titled": "Saved as a draft. It had no title, so it got one from what is in it; change it when you edit.",
    "kept": "What you typed is saved as a draft. If there were files, choose them again before you submit it.",
    "covered": "The file is covered. What was there before is not kept in this draft.",
    "not_there": "That file is not in this draft any more.",
    "kept_uncleaned": "The file stays as it is, and everything else is saved.",
    "removed": "The file is removed, and everything else is saved.",
    "renamed": "The file has its new name, and everything else is saved.",
    "beside": "Saved as a draft. The same place was also written on another page: both texts are kept, side by side "
    "below. Choose, then submit it.",
    "restored": "What was on this device and not sent yet is in the draft now.",
    "chosen": "Saved as you chose.",
    "submitted": "Submitted. It is with the assessor now.",
    "withdrawn": "Withdrawn. It is kept with your reason; choose the status “Withdrawn” to see it.",
}
ONCE = "A file that was in this piece already is kept once."


def sentence_for(done: str, *, once: str = "") -> str:
    """The sentence for a key; nothing for a key that is none of ours."""
    return " ".join(part for part in (NOTICES.get(done, ""), ONCE if once else "") if part)
