"""What an action or a guard raises when the answer is no. Plain exceptions: the web turns them into pages."""

from __future__ import annotations


class Refused(Exception):
    """A rule says no, now. The reason is a sentence for the person who asked, and it says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SentBefore(Refused):
    """A form with this key was carried out before, with other content. That stands, and this is not done: whoever
    sends again cannot have meant both, and doing the second would be doing twice what was asked for once."""

    def __init__(self) -> None:
        super().__init__(
            "This page was sent before, with something else in it, and that was recorded and stays as it is. "
            "Nothing was recorded this time. Look at what stands now; if you want this as well, send it from here."
        )


class NotFound(Exception):
    """There is no such thing, or this person may not learn that there is."""


class Forbidden(Exception):
    """This person knows that it exists, but does not have the right to do this to it."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class SignInNeeded(Exception):
    """Nobody is signed in, or the session has ended."""
