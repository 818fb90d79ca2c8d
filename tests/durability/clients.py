"""What apprentices and assessors do in their browsers while the server dies under them, and what they were told.

Each notes what was confirmed to them, and nothing else: a redirect after sending is a confirmation. What broke off
is sent again with the same key and the same content, as a person does, or given up.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import secrets
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

from tests.evidence.steps import complete

Broken = (OSError, http.client.HTTPException)
"""What a client notices of a server that is killed: refused, reset, or an answer that stops."""
OUTCOMES = ("covered", "partly", "not_yet")
FIVE = dict.fromkeys(("valid", "authentic", "current", "sufficient", "reliable"), "yes")
CLAIMS = ("K1", "K2", "K3", "K7", "S1", "S4", "B1", "D2", "D8")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass(frozen=True)
class SentFile:
    """A file as it was chosen; its bytes are made again from the seed whenever they are needed."""

    name: str
    seed: int
    size: int

    @property
    def content(self) -> bytes:
        """A recording of noise: taken as it is, so that what is stored is what was sent."""
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(Random(self.seed).randbytes(self.size // 2 * 2))
        return out.getvalue()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Piece:
    """One piece that somebody sent, once or again and again; `confirmed` when they were told that it is in."""

    at: str
    key: str
    title: str
    claims: tuple[str, ...]
    files: tuple[SentFile, ...]
    submits: bool
    evidence_id: str = ""
    receipts: dict[str, Receipt] = field(default_factory=dict)

    @property
    def confirmed(self) -> bool:
        return bool(self.evidence_id)


@dataclass(frozen=True)
class Receipt:
    """What the page of a piece says about one of its files."""

    received: str
    stored: str
    size: int


@dataclass
class Verdict:
    """An assessor's answers on a piece; `confirmed` when they were told that it is recorded."""

    piece: Piece
    key: str
    version_id: str
    outcomes: dict[str, str]
    confirmed: bool = False


class Client:
    """One person with a browser of their own: a cookie from signing in, one connection per request."""

    def __init__(self, port: int, random: Random) -> None:
        self.port, self.random, self.cookie = port, random, ""

    def sign_in(self, email: str, password: str) -> None:
        answer = self.post("/sign-in", {"email": email, "password": password})
        assert answer.status == 303, answer.text
        self.cookie = answer.headers["set-cookie"].partition(";")[0]

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, Any]) -> Answer:
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, urlencode(fields, doseq=True).encode(), kind)

    def post_files(self, path: str, fields: dict[str, Any], files: list[tuple[str, bytes]]) -> Answer:
        body, kind = multipart(fields, files)
        return self._ask("POST", path, body, kind)

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers_for(self.cookie, kind))
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()


def headers_for(cookie: str, kind: str = "") -> dict[str, str]:
    """What a browser adds by itself."""
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie, "Content-Type": kind}
    return {name: value for name, value in headers.items() if value}


def multipart(fields: dict[str, Any], files: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """The body and its content type."""
    boundary = secrets.token_hex(16)
    parts = []
    for name, value in fields.items():
        values = value if isinstance(value, list | tuple) else [value]
        head = f'Content-Disposition: form-data; name="{name}"\r\n\r\n'
        parts += [f"{head}{one}".encode() for one in values]
    for name, content in files:
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content)
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


def a_piece(random: Random, at: str) -> Piece:
    """Mostly small files, now and then one of 20 MB."""
    sizes = [_size(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    number = "".join(random.choices("bcdfghjklmnpqrst", k=12))  # digits may look like somebody's number
    return Piece(
        at=at,
        key=f"{random.getrandbits(128):032x}",
        title=f"Piece {number}",
        claims=tuple(sorted(random.sample(CLAIMS, random.randint(1, 3)))),
        files=tuple(
            SentFile(f"{number}-{place}.wav", random.getrandbits(64), size)
            for place, size in enumerate(sizes)
        ),
        submits=random.random() < 0.8,
    )


def _size(random: Random) -> int:
    least, most = random.choices(
        [(10_000, 100_000), (100_000, 1_000_000), (1_000_000, 4_000_000), (20_000_000, 20_000_000)],
        weights=[60, 34, 5, 1],
    )[0]
    return random.randint(least, most)


def form_of(piece: Piece) -> dict[str, Any]:
    """The fields that go along with its files."""
    return complete(
        form_key=piece.key,
        title=piece.title,
        claim=list(piece.claims),
        action="submit" if piece.submits else "save",
    )


def send_piece(client: Client, piece: Piece, begins: Callable[[], None] = lambda: None) -> None:
    """Send it, with its key. Confirmed by the redirect to its page; anything else but a dead server is a fault."""
    files = [(file.name, file.content) for file in piece.files]
    begins()
    answer = client.post_files(f"/apprenticeships/{piece.at}/evidence", form_of(piece), files)
    found = re.search(r"/evidence/([0-9a-f-]{36})\?done=(submitted|saved)", answer.location)
    assert answer.status == 303, f"{answer.status}: {answer.text[:2000]}"
    assert found, answer.location
    piece.evidence_id = found[1]


def read_receipts(client: Client, piece: Piece) -> None:
    """From the page of the piece, as a person would copy them."""
    answer = client.get(f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}")
    assert answer.status == 200, answer.status
    for file_id, said in re.findall(r'id="receipt-([0-9a-f-]{36})">(.*?)</dl>', answer.text, re.DOTALL):
        hashes = re.findall(r'data-receipt="(?:received|stored)"><code[^>]*>([0-9a-f]{64})<', said)
        size = re.search(r'data-receipt="size"><data value="(\d+)"', said)
        assert len(hashes) == 2
        assert size
        piece.receipts[file_id] = Receipt(hashes[0], hashes[1], int(size[1]))
    assert len(piece.receipts) == len(piece.files), "a receipt for each file"


def compare_bytes(client: Client, piece: Piece) -> int:
    """What is served now against what was sent and what the receipts say; returns how many files were compared."""
    sent = {file.sha256: len(file.content) for file in piece.files}
    assert {receipt.received: receipt.size for receipt in piece.receipts.values()} == sent
    for file_id, receipt in piece.receipts.items():
        answer = client.get(f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}/files/{file_id}")
        assert answer.status == 200, f"a confirmed file is not served: {answer.status}"
        assert hashlib.sha256(answer.body).hexdigest() == receipt.stored, "a confirmed file has other bytes"
    return len(piece.receipts)


def a_verdict(client: Client, random: Random, piece: Piece) -> Verdict:
    """Open the page of a piece that waits, and choose."""
    answer = client.get(f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}/review")
    assert answer.status == 200, f"{answer.status}: {answer.text[:2000]}"
    version = re.search(r'name="version_id" value="([0-9a-f-]{36})"', answer.text)
    assert version, "a submitted piece waits for its assessor"
    outcomes = {code: random.choice(OUTCOMES) for code in piece.claims}
    return Verdict(piece, f"{random.getrandbits(128):032x}", version[1], outcomes)


def fields_of(verdict: Verdict) -> dict[str, str]:
    """The form of the review page, filled in."""
    fields = {"version_id": verdict.version_id, "form_key": verdict.key} | FIVE
    for code, outcome in verdict.outcomes.items():
        fields[f"outcome-{code}"] = outcome
        fields[f"missing-{code}"] = "" if outcome == "covered" else f"More about {code}, please."
    return fields


def send_verdict(client: Client, verdict: Verdict) -> None:
    """Record it. Confirmed by the redirect."""
    piece = verdict.piece
    answer = client.post(
        f"/apprenticeships/{piece.at}/evidence/{piece.evidence_id}/review", fields_of(verdict)
    )
    assert answer.status == 303, f"{answer.status}: {answer.text[:2000]}"
    verdict.confirmed = True
