"""What a manager types to say which words an employer's texts should not hold."""

from __future__ import annotations

from portfolio.web.forms import Form


class WordsForm(Form):
    words: str = ""
    """One word or name on each line."""
