"""A real S3 server of our own for as long as a test needs it: Debian's Ceph gateway, in memory, on loopback.

Three daemons (monitor, one object store in memory, gateway) in a temporary folder, on free ports, with
signatures that are really checked. They are children of this process and end with it, however it ends.

    apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
"""

from __future__ import annotations

import http.client
import secrets
import socket
import subprocess
import time
import uuid
from pathlib import Path
from types import TracebackType

LONGEST = 180.0
"""Seconds until the gateway must answer; 13 on a quiet machine with two cores."""
MEMORY = 4 * 1024**3
"""Bytes the store may hold; memory is taken only for what is stored."""

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2}/0,v1:127.0.0.1:{mon_v1}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = {folder}/keyring
log file = {folder}/$name.log
admin socket =
pid file = {folder}/$name.pid
run dir = {folder}
crash dir = {folder}/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail warn = 2
mon data avail crit = 1
mon data = {folder}/mon
mon max pg per osd = 1000

[mon]
paxos propose interval = 0.02
paxos min wait = 0.01

[osd]
osd objectstore = memstore
osd data = {folder}/osd
osd journal =
memstore device bytes = {memory}
osd max object name len = 1024

[client.rgw]
rgw data = {folder}/rgw
rgw gc obj min wait = 1
rgw enable usage log = false
rgw max chunk size = 4194304
"""


class CephFailed(RuntimeError):
    """A daemon ended or did not come up in time; the message has the end of its log."""


class Ceph:
    """`with Ceph(folder) as ceph:` gives `endpoint`, `access_key` and `secret_key` of a working gateway.

    Start it from the main thread: the daemons end when the thread that started them does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.access_key, self.secret_key = secrets.token_hex(10), secrets.token_hex(20)
        mon_v2, mon_v1, port = _free_ports(3)
        self.mon_addresses = f"[v2:127.0.0.1:{mon_v2}/0,v1:127.0.0.1:{mon_v1}/0]"
        self.fsid = str(uuid.uuid4())
        self.port, self.endpoint = port, f"http://127.0.0.1:{port}"
        self._deadline = time.monotonic() + LONGEST
        self._daemons: list[subprocess.Popen[bytes]] = []
        (folder / "ceph.conf").write_text(
            CONFIGURATION.format(folder=folder, fsid=self.fsid, mon_v2=mon_v2, mon_v1=mon_v1, memory=MEMORY)
        )

    def __enter__(self) -> Ceph:
        try:
            self._make_keys()
            self._start_monitor()
            self._start_object_store()
            self._start_gateway()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End what was started, the gateway first. Nothing in memory is worth a slow goodbye."""
        for daemon in reversed(self._daemons):
            daemon.kill()
        for daemon in self._daemons:
            daemon.wait(30)
        self._daemons.clear()

    def _make_keys(self) -> None:
        capabilities = {
            "mon.": ["mon", "allow *"],
            "client.admin": ["mon", "allow *", "osd", "allow *", "mgr", "allow *", "mds", "allow *"],
            "client.rgw": ["mon", "allow rwx", "osd", "allow rwx"],
            "osd.0": ["mon", "allow profile osd", "osd", "allow *"],
        }
        keyring = str(self.folder / "keyring")
        self._run("ceph-authtool", "--create-keyring", keyring)
        for name, allowed in capabilities.items():
            pairs = zip(allowed[::2], allowed[1::2], strict=True)
            caps = [word for service, what in pairs for word in ("--cap", service, what)]
            self._run("ceph-authtool", keyring, "--gen-key", "-n", name, *caps)

    def _start_monitor(self) -> None:
        monmap = str(self.folder / "monmap")
        self._run("monmaptool", "--create", "--fsid", self.fsid, "--addv", "a", self.mon_addresses, monmap)
        (self.folder / "mon").mkdir()
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", f"{self.folder}/keyring")
        self._start("ceph-mon", "-i", "a", "--public-addrv", self.mon_addresses)

    def _start_object_store(self) -> None:
        own = str(uuid.uuid4())
        (self.folder / "osd").mkdir()
        self._run("ceph", "osd", "new", own)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", own)
        self._start("ceph-osd", "-i", "0")

    def _start_gateway(self) -> None:
        (self.folder / "rgw").mkdir()
        self._start("radosgw", "-n", "client.rgw", f"--rgw-frontends=beast endpoint=127.0.0.1:{self.port}")
        self._until_it_answers()
        self._run(
            "radosgw-admin", "user", "create", "--uid=app", "--display-name=app",
            f"--access-key={self.access_key}", f"--secret-key={self.secret_key}",
        )  # fmt: skip

    def _until_it_answers(self) -> None:
        while True:
            if self._answers():
                return
            if any(daemon.poll() is not None for daemon in self._daemons):
                raise CephFailed(f"a daemon ended: {self._logs()}")
            if time.monotonic() > self._deadline:
                raise CephFailed(f"no answer in {LONGEST:.0f} seconds: {self._logs()}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        left = max(1.0, self._deadline - time.monotonic())
        done = subprocess.run(
            [program, "-c", f"{self.folder}/ceph.conf", *arguments]
            if program not in ("ceph-authtool", "monmaptool")
            else [program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=left,
            check=False,
        )
        if done.returncode:
            raise CephFailed(f"{program} {arguments[0]}: {done.stdout.decode(errors='replace')[-2000:]}")

    def _start(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.out").open("wb") as out:
            daemon = subprocess.Popen(
                [
                    "setpriv",
                    "--pdeathsig",
                    "KILL",
                    program,
                    "-f",
                    "-c",
                    f"{self.folder}/ceph.conf",
                    *arguments,
                ],
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._daemons.append(daemon)

    def _logs(self) -> str:
        logs = [*self.folder.glob("*.log"), *self.folder.glob("*.out")]
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-500:]}" for log in logs)


def _free_ports(count: int) -> list[int]:
    taken = [socket.socket() for _ in range(count)]
    try:
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in taken]
    finally:
        for one in taken:
            one.close()
