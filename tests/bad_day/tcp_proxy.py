"""A TCP proxy that can be taken away: for what speaks its own language, such as a database."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class TcpProxy:
    """Passes bytes on until `refuse`: then everything is cut and nobody listens, until `heal`."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = 0
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self.heal()

    def __enter__(self) -> TcpProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.refuse()
        for thread in self._threads:
            thread.join(30)

    def heal(self) -> None:
        """Listen again, at the same port."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            self._begin(self._accept, self._listener)

    def refuse(self) -> None:
        """Cut every connection, and take no more."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _begin(self, what: object, *arguments: object) -> None:
        thread = threading.Thread(target=what, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(self.target)
                except OSError:
                    client.close()
                    continue
                self._open |= {client, server}
                self._begin(self._pass_on, client, server)
                self._begin(self._pass_on, server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        source.close()
        self._open.discard(source)
