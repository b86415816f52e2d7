"""A server behind TLS that answers everything with the same."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

BODY = b'{"results":[],"_links":{}}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(
    BODY
)


@contextmanager
def served(context: ssl.SSLContext, answer: bytes = ANSWER + BODY) -> Iterator[str]:
    """A server that answers everything with `answer`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                secured.settimeout(5)
                if secured.recv(65536):
                    secured.sendall(answer)
                    secured.unwrap()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
