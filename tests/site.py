"""A real web server for browser tests: LoanFlow's own WSGI application, in a thread, on a free port of loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test.testcases import ThreadedWSGIServer


class QuietHandler(WSGIRequestHandler):
    """Answers without writing a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the application on the database of the moment; yield its address."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler, connections_override={})
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        connections.close_all()
