"""A real ClamAV daemon with a database of one signature, on a socket in a temporary folder. It finds what it was
told to look for; how well real signatures find real viruses is not our test's business."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import clamav
from tests.real import missing

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The world's harmless test virus, in two pieces so that no scanner takes this file for one."""
STREAM_LIMIT = 1_000_000

CONFIGURATION = """
Foreground yes
DatabaseDirectory {folder}/database
LocalSocket {folder}/clamd.sock
TemporaryDirectory {folder}
LogFile {folder}/clamd.log
PidFile {folder}/clamd.pid
StreamMaxLength {limit}
MaxThreads 2
ConcurrentDatabaseReload no
{more}
"""


@contextmanager
def scanner(folder: Path, *, tcp: int = 0) -> Iterator[str]:
    """The address of a daemon that answers; it ends with the block."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        missing("the virus scanner: no clamd on this machine (Debian: apt-get install clamav-daemon)")
    database = folder / "database"
    database.mkdir(parents=True)
    (database / "own.ndb").write_text(f"Own.Test.Signature:0:*:{EICAR.hex()}\n")
    more = f"TCPSocket {tcp}\nTCPAddr 127.0.0.1" if tcp else ""
    configuration = folder / "clamd.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, limit=STREAM_LIMIT, more=more))
    process = subprocess.Popen(
        [str(program), f"--config-file={configuration}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"tcp://127.0.0.1:{tcp}" if tcp else str(folder / "clamd.sock")
    try:
        for _ in range(600):
            if process.poll() is not None or clamav.ready(address, seconds=5):
                break
            time.sleep(0.05)
        assert clamav.ready(address, seconds=5), (folder / "clamd.log").read_text()[-2000:]
        yield address
    finally:
        process.terminate()
        process.wait()
