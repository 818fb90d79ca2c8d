"""What the script says about a file before it sends the first piece."""

from __future__ import annotations

from portfolio.web.forms import Form, Text


class BeginForm(Form):
    """`key`: the sender's own name for the file in this piece; sizes in bytes, as digits."""

    key: Text
    name: Text
    size: int = 0
    chunk_size: int = 0
