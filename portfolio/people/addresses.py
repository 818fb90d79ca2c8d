"""Where to go on to after signing in: only to a page of our own. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

HOME = "/"
NOT_AGAIN = ("/sign-in", "/sign-out", "/forgotten-password", "/set-password")


def own_address(address: str) -> str:
    """A path of ours; anything else becomes the home page.

    Browsers read a backslash as a slash and drop tabs and line ends, so an address with any of them, or
    with another control character, is nobody's honest path.
    """
    if not address.startswith("/") or address.startswith("//") or len(address) > 2000:
        return HOME
    if "\\" in address or any(ord(sign) <= 32 or ord(sign) == 127 for sign in address):
        return HOME
    try:
        parts = urlsplit(address)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith(NOT_AGAIN):
        return HOME
    return address


def page_before(came_from: str) -> str:
    """The page a button was pressed on, from what the browser says of it: to go back there after signing in.

    Only the path and the query count, so that it is a page of ours whatever the browser says.
    """
    try:
        parts = urlsplit(came_from)
    except ValueError:
        return HOME
    return own_address(parts.path + (f"?{parts.query}" if parts.query else ""))
