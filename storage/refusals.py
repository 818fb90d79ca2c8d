"""Every reason for refusing a file, as data: what it is, and what the person can do instead.

Each sentence names the file. The code goes to the log, where a file name must never appear.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.kinds import ACCEPTED
from storage.names import safe_name


class Unacceptable(Exception):
    """This file cannot be taken in. `reason` is for the person, `code` for the log."""

    def __init__(self, reason: str, code: str = "unknown", to_do: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.to_do = to_do


@dataclass(frozen=True)
class Refusal:
    """What the file is, and what to do: together one message."""

    code: str
    what: str
    to_do: str

    def about(self, name: str, /, **facts: object) -> Unacceptable:
        """The exception for a file of this name; facts fill the braces of the sentences."""
        to_do = self.to_do.format(**facts)
        shown = safe_name(name) if name else ""
        subject = f"“{shown}”" if shown else "This file"
        return Unacceptable(f"{subject} {self.what.format(**facts)}. {to_do}", self.code, to_do)


_TO_ADD = "and add that."
_UNPACK = "Open it and add the files inside one by one."

EMPTY = Refusal("empty", "is empty", "Check that it opens on your device, then choose it again.")
ZIP = Refusal("zip", "is a ZIP archive", _UNPACK)
ARCHIVE = Refusal("archive", "is an archive ({format})", _UNPACK)
EMAIL = Refusal(
    "email",
    "is an e-mail",
    "Print or save it as a PDF, without what others should not see, " + _TO_ADD,
)
OLD_WORD = Refusal(
    "old-office",
    "is in the old Word format (.doc)",
    "Open it, save it as a Word document (.docx) or as a PDF, " + _TO_ADD,
)
OLD_EXCEL = Refusal(
    "old-office",
    "is in the old Excel format (.xls)",
    "Open it, save it as an Excel workbook (.xlsx) or as a PDF, " + _TO_ADD,
)
OLD_POWERPOINT = Refusal(
    "old-office",
    "is in the old PowerPoint format (.ppt)",
    "Open it, save it as a PowerPoint presentation (.pptx) or as a PDF, " + _TO_ADD,
)
OLD_OFFICE = Refusal(
    "old-office",
    "is in an old Office format",
    "Open it, save it as .docx, .xlsx, .pptx or PDF, " + _TO_ADD,
)
OFFICE_VARIANT = Refusal(
    "office-variant",
    "is an Office file of a kind that we do not take (a template or a slide show)",
    "Open it, save it as .docx, .xlsx, .pptx or PDF, " + _TO_ADD,
)
OFFICE_LOCKED = Refusal(
    "office-locked",
    "is an Office file that is locked with a password",
    "Save a copy without the password " + _TO_ADD,
)
OFFICE_TOO_BIG = Refusal(
    "office-too-big",
    "holds more parts, or unpacks to more, than we can take in an Office file",
    "Save it as a PDF, or make a smaller copy, " + _TO_ADD,
)
OFFICE_TYPED = Refusal(
    "office-typed",
    "is an Office file with a document type inside it, which Office never writes and which can be harmful",
    "Open it in its own program, save it again or as a PDF, " + _TO_ADD,
)
COMMENTED = Refusal(
    "commented",
    "holds {found}, so it was not taken yet",
    "To send it without them, tick “{tick}” below and choose it again.",
)
MACROS = Refusal(
    "macros",
    "is an Office file that can hold macros, which are small programs",
    "Save it without macros, as .docx, .xlsx or .pptx, " + _TO_ADD,
)
OPEN_DOCUMENT = Refusal(
    "open-document",
    "is an OpenDocument file",
    "Open it, save it as a Word document (.docx) or as a PDF, " + _TO_ADD,
)
IWORK = Refusal(
    "iwork",
    "is an Apple Pages, Numbers or Keynote file",
    "Open it, export it as a PDF or as an Office file, " + _TO_ADD,
)
RTF = Refusal(
    "rtf", "is a rich text file (RTF)", "Save it as a Word document (.docx) or as a PDF, " + _TO_ADD
)
WEB_PAGE = Refusal("web-page", "is a web page", "Print the page as a PDF or take a screenshot, " + _TO_ADD)
SVG = Refusal(
    "svg",
    "is an SVG drawing, which can hold a program",
    "Save it as PNG or PDF, or take a screenshot, " + _TO_ADD,
)
MARKUP = Refusal("markup", "is an XML file", "Open it in its own program, save it as a PDF, " + _TO_ADD)
PROGRAM = Refusal(
    "program", "is a program, a script or a shortcut to one", f"Choose another file: {ACCEPTED}."
)
PICTURE_FORMAT = Refusal(
    "picture-format",
    "is a picture in a format that we do not take ({format})",
    "Save it as JPEG or PNG " + _TO_ADD,
)
SOUND_FORMAT = Refusal(
    "sound-format", "is sound in a format that we do not take ({format})", "Save it as MP3 or M4A " + _TO_ADD
)
VIDEO_FORMAT = Refusal(
    "video-format", "is a video in a format that we do not take ({format})", "Save it as MP4 " + _TO_ADD
)
PDF_LOCKED = Refusal(
    "pdf-locked", "is a PDF that is locked with a password", "Save a copy without the password " + _TO_ADD
)
PDF_NO_PAGES = Refusal(
    "pdf-no-pages", "is a PDF without pages", "Save it again from where it was made " + _TO_ADD
)
POSTSCRIPT = Refusal("postscript", "is a PostScript file", "Save it as a PDF " + _TO_ADD)
TABLE = Refusal(
    "table", "is a table in plain text (CSV)", "Save it as an Excel workbook (.xlsx) or as a PDF " + _TO_ADD
)
CARD = Refusal(
    "card", "is a calendar entry or a contact card", "Take a screenshot of what matters " + _TO_ADD
)
OLD_TEXT = Refusal(
    "old-text",
    "is text in an old character set",
    "Open it, save it as UTF-8 text or as a PDF, " + _TO_ADD,
)
TOO_MANY_PIXELS = Refusal(
    "too-many-pixels",
    "is a picture of {found} megapixels, and we can take at most {most}",
    "Save a smaller copy, or take it again with the camera's normal setting, " + _TO_ADD,
)
TOO_HEAVY = Refusal(
    "too-heavy",
    "needs more memory or time to be opened than we can give it",
    "Save a smaller or simpler copy " + _TO_ADD,
)
DAMAGED = Refusal(
    "damaged",
    "looks like a {label}, but it is damaged or was cut short",
    "Check that it opens on your device, then add it again.",
)
UNREADABLE = Refusal(
    "damaged", "cannot be read: it is damaged", "Check that it opens on your device, then add it again."
)
UNKNOWN = Refusal("unknown", "is not a kind of file that we can take", f"Choose another file: {ACCEPTED}.")
REFUSALS_OF_DOCUMENTS = {refusal.code: refusal for refusal in (OFFICE_TYPED,)}
"""What may be found out only while a document is cleaned, by code."""
