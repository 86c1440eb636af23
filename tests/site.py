"""A real web server for browser tests: LoanFlow's own WSGI application, in a thread, on a free port of loopback."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Any

from django.core.servers.basehttp import WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test.testcases import ThreadedWSGIServer


class QuietHandler(WSGIRequestHandler):
    """Answers without writing a line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing."""


class Counted:
    """An application that knows how many of its answers are under way, and gives none once it has been closed.

    A browser that leaves a page does not take back what it has asked: such an answer would go on writing to the next test's database.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.changed = threading.Condition()
        self.under_way, self.is_closed = 0, False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the application does; after the close with 503."""
        with self.changed:
            if self.is_closed:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return ()
            self.under_way += 1
        return self._answer(environ, start_response)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        try:
            answer = self.application(environ, start_response)
            with closing(answer) if hasattr(answer, "close") else nullcontext(answer):
                yield from answer
        finally:
            with self.changed:
                self.under_way -= 1
                self.changed.notify_all()

    def close(self, patience: float = 60) -> None:
        """Take no more requests and wait for the answers under way; raises ``TimeoutError`` after so many seconds."""
        with self.changed:
            self.is_closed = True
            if not self.changed.wait_for(lambda: self.under_way == 0, patience):
                raise TimeoutError(f"{self.under_way} answers are still under way after {patience} s")


@contextmanager
def served() -> Iterator[str]:
    """Serve the application on the database of the moment; yield its address."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler, connections_override={})
    application = Counted(get_wsgi_application())
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        application.close()
        connections.close_all()
