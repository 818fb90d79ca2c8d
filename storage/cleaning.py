"""What the cleaning of documents and of recordings has in common: what is raised when it cannot be done."""

from __future__ import annotations


class NotCleaned(Exception):
    """This file could not be cleaned, and is as it came: nothing was changed.

    `sentence` says what could not be cleaned, and that whoever owns the file decides about it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
