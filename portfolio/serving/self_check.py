"""What is asked of the settings before the first page is served: a mistake here would expose everybody."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import make_url

from portfolio.settings import Settings
from portfolio.web.limits import is_loopback


def reasons_against(settings: Settings) -> list[str]:
    """A sentence for each thing that has to be put right first; empty if pages may be served."""
    return [*_plain_http(settings), *_plain_smtp(settings), *_readable_by_others(settings)]


def _plain_http(settings: Settings) -> Iterator[str]:
    parts = urlsplit(settings.public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield (
            "PORTFOLIO_PUBLIC_URL must be the address that people open, such as https://portfolio.example.org"
        )
    elif parts.scheme == "http" and not is_loopback(parts.hostname) and not settings.allow_plain_http:
        yield (
            f"PORTFOLIO_PUBLIC_URL is {settings.public_url}: without https, passwords and evidence travel in clear. "
            "Put a proxy that speaks TLS in front and give its https:// address; to go without all the same, "
            "set PORTFOLIO_ALLOW_PLAIN_HTTP=true"
        )


def _plain_smtp(settings: Settings) -> Iterator[str]:
    host = settings.smtp_host
    if host and settings.smtp_user and not settings.smtp_encrypted and not is_loopback(host):
        yield (
            f"PORTFOLIO_SMTP_STARTTLS is false: the password for {host} would travel in clear. "
            "Set PORTFOLIO_SMTP_STARTTLS=true, or PORTFOLIO_SMTP_PORT=465 for TLS from the start"
        )


def _readable_by_others(settings: Settings) -> Iterator[str]:
    for path, what in _private_places(settings):
        if path.exists() and _open_to_all(path):
            yield f"{path} ({what}) can be read by every user of this machine. Run: chmod -R o-rwx {path}"


def _private_places(settings: Settings) -> Iterator[tuple[Path, str]]:
    address = make_url(settings.database_url)
    if address.get_backend_name() == "sqlite" and address.database and address.database != ":memory:":
        yield Path(address.database).absolute(), "the database"
    scheme, _, rest = settings.storage_url.partition(":")
    if scheme == "folder":
        yield Path(unquote(rest.removeprefix("//"))).absolute(), "the files"
    if settings.mail_folder is not None:
        yield settings.mail_folder.absolute(), "mail with links to sign in"


def _open_to_all(path: Path) -> bool:
    """Readable by anybody, and no folder on the way keeps them out."""
    needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    if path.stat().st_mode & needed != needed:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
