"""Every setting, with its default. Built once in `__main__` (or a test) and passed in, never read at import.

A default is fit for production or makes the product refuse to start; a secret has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

IMPLICIT_TLS_PORT = 465
WEAK_SECRETS = frozenset({"", "secret", "changeme", "change-me", "default", "password", "demo"})


class Settings(BaseSettings):
    """Read from variables that start with PORTFOLIO_, for example PORTFOLIO_DATABASE_URL."""

    model_config = SettingsConfigDict(env_prefix="PORTFOLIO_", frozen=True, extra="ignore")

    secret: SecretStr
    """Keys what is signed or hashed with a key; at least 32 characters."""
    database_url: str = "sqlite:///data/portfolio.db"
    storage_url: str = "folder:data/files"
    standards_folder: Path = Path("data/standards")
    """Standards that were imported here. They stand before the ones the product ships."""
    public_url: str = "http://127.0.0.1:8000"
    """Where people reach it: links in mail, the Origin that is trusted, and whether cookies are secure."""
    allow_plain_http: bool = False
    """Serve a public address that is not https all the same: passwords and evidence then travel in clear."""
    trusted_proxies: str = "127.0.0.1"
    """Whose `X-Forwarded-For` is believed: addresses or networks with commas between, empty for nobody's."""
    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = Field(default=1, ge=1, le=64)
    """How many processes serve pages; each needs its own database connections (see `database_pool`)."""
    graceful_seconds: int = Field(default=30, ge=1)
    """How long uploads and jobs under way may take to finish after the process was asked to stop."""
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Where Prometheus reads its figures: a port of their own that must not face the internet. 0: nowhere."""

    form_limit_mb: float = Field(default=2, gt=0)
    """The text of one form, in MB; files have limits of their own."""
    header_limit_kb: int = Field(default=32, ge=4)
    """Address and headers of one request together."""
    header_seconds: float = Field(default=15, gt=0)
    """How long a connection may take to send them. It is ended then."""
    body_least_kb: float = Field(default=2, gt=0)
    """The slowest that a body may arrive, and an answer be read, in KB a second …"""
    body_window_seconds: float = Field(default=30, gt=0)
    """… on average over so many seconds of waiting. A phone in a dead spot gets this long."""
    body_longest_minutes: float = Field(default=240, gt=0)
    """The longest that one body may take in all."""
    connections_at_once: int = Field(default=1000, ge=10)
    """Open connections of one process. Beyond it the one that has been silent longest is closed."""
    uploads_at_once: int = Field(default=32, ge=1)
    """Forms with files that one process takes in at once …"""
    uploads_per_person: int = Field(default=4, ge=1)
    """… and how many of them from one person. The text of one too many is kept, its files are asked for again."""
    decodes_at_once: int = Field(default=4, ge=1)
    """Forms whose files one process checks and stores at once; the others wait without holding anybody up."""
    person_quota_gb: float = Field(default=20, ge=0)
    """How much one person may keep in files, in GB. 0: no limit."""
    provider_quota_gb: float = Field(default=0, ge=0)
    """How much one provider may keep in files, in GB. 0: no limit."""

    backup_place: str = ""
    """Where `python -m portfolio backup` keeps its copies, as it is typed there: a folder or s3://bucket/prefix. Jobs
    lay the tombstone of each purge there. Empty: the page of a purge says that a backup must be made now."""
    backups_kept_days: int = Field(default=35, ge=1)
    """How long this installation keeps its backups. Only said, on the page of a piece that was purged: backups made
    before hold it until then. Whoever runs it sees to it that they go."""

    session_idle_minutes: int = 60
    session_longest_hours: int = 12
    invitation_days: int = 14
    reset_minutes: int = 60
    sign_in_attempts: int = 10
    """Wrong passwords allowed for one e-mail address, and four times as many for one network address …"""
    sign_in_window_minutes: int = 15
    """… in this many minutes."""

    mail_folder: Path | None = Path("data/mail")
    """Where mail is written when there is no SMTP server. Then managers are shown the links to pass on."""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_starttls: bool = True
    smtp_catcher: str = ""
    """host:port of a mail catcher, for as long as there is no SMTP server: in clear, and without a password."""
    smtp_timeout_seconds: float = 10
    """How long one silence of the mail server is borne."""
    mail_from: str = "KSB Portfolio <no-reply@portfolio.invalid>"

    file_limit_mb: int = 500
    files_per_piece: int = 30
    recording_minutes: int = Field(default=20, ge=1, le=240)
    """How long a sound recording made in the page may be. It is stopped and kept then."""
    large_file_mb: int = 25
    """Larger files are decoded to their last byte after they are safe, and can be opened by others only then."""
    preparations_at_once: int = 2
    """How many files one process decodes at once, each in a limited process of its own …"""
    preparation_memory_mb: int = 1024
    """… that may use so much memory."""
    clamav_socket: str = ""
    """Where a ClamAV daemon listens: the path of its socket, or tcp://host:port. Empty: files are not scanned."""
    clamav_seconds: float = 120
    """How long the daemon may take for one answer before it counts as away."""
    s3_endpoint: str = ""
    s3_region: str = "eu-west-2"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_path_style: bool = True
    s3_checksums: str = "when_required"
    s3_connect_timeout_seconds: float = 3
    s3_read_timeout_seconds: float = 10
    """How long one silence of the bucket is borne, not a whole transfer …"""
    s3_attempts: int = 3
    """… and how often a question is asked before the page says that the file could not be stored."""
    s3_staging_folder: Path | None = None
    """Where uploads are written before they go to the bucket, on a disk with room for all that arrive at once.
    Empty: a private folder among the machine's temporary files."""

    database_pool: int = 20
    database_pool_overflow: int = 20
    """Together at least the 40 threads that serve pages, or requests queue for a connection."""

    statement_timeout_seconds: int = 60
    """PostgreSQL: a statement that takes longer is ended; the page says so and nothing is half written."""
    lock_timeout_seconds: int = 10
    """How long to wait for somebody else's write: for their row on PostgreSQL, for one's turn on SQLite."""
    idle_transaction_timeout_seconds: int = 120
    """PostgreSQL: a transaction in which nothing happens for so long is ended, so that it holds nobody up."""
    database_owner_url: str = ""
    """PostgreSQL: the role that owns the tables, for `migrate` only; `database_url` is the role that serves, and
    owns nothing."""

    background: Literal["thread", "separate"] = "thread"
    """Where jobs are done: in a thread beside the pages, or by processes of `python -m portfolio worker`."""
    job_lease_seconds: int = 120
    job_attempts: int = 14
    """Tries of one job, with waits that double from ten seconds up to six hours: over about seventeen hours in all."""
    job_pause_seconds: float = 1.0

    backup_s3_endpoint: str = ""
    backup_s3_region: str = ""
    """Where the bucket of the backups is; empty: where the store's is."""
    backup_s3_access_key: str = ""
    backup_s3_secret_key: SecretStr = SecretStr("")
    """An account of its own for the backups, so that whoever gets hold of the store's cannot remove them too."""

    behind_below: float = 0.85
    """Behind: fewer items signed off than this share of what an even pace would have brought by today …"""
    at_risk_below: float = 0.6
    """… at risk: fewer than this share, or nothing new for so many days:"""
    at_risk_after_quiet_days: int = 42
    reminder_long_wait_days: int = 14
    """The weekly digest tells a manager of evidence that has waited for an assessor for longer than so many days."""

    @field_validator("secret")
    @classmethod
    def long_and_own(cls, secret: SecretStr) -> SecretStr:
        """A guessable secret is worse than none: the product does not start with one."""
        value = secret.get_secret_value()
        if value.lower() in WEAK_SECRETS or len(value) < 32:
            raise ValueError(
                "PORTFOLIO_SECRET must be at least 32 characters of your own, for example from: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return secret

    @model_validator(mode="before")
    @classmethod
    def caught(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The mail catcher stands in for a server that is not named."""
        catcher = str(values.get("smtp_catcher") or "")
        if not catcher or values.get("smtp_host"):
            return values
        host, _, port = catcher.rpartition(":")
        server = {"smtp_host": host, "smtp_port": port, "smtp_starttls": False}
        return values | server | {"smtp_user": "", "smtp_password": ""}

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def smtp_encrypted(self) -> bool:
        """By TLS from the start on its usual port, by STARTTLS on any other."""
        return self.smtp_starttls or self.smtp_port == IMPLICIT_TLS_PORT

    @property
    def file_limit_bytes(self) -> int:
        return self.file_limit_mb * 1_000_000

    @property
    def large_file_bytes(self) -> int:
        return self.large_file_mb * 1_000_000

    @property
    def form_limit_bytes(self) -> int:
        return int(self.form_limit_mb * 1_000_000)

    @property
    def body_limit_bytes(self) -> int:
        """The largest body of all: a form full of files, and its text."""
        return self.file_limit_bytes * self.files_per_piece + self.form_limit_bytes
