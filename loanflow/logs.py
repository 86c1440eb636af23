"""Logging as JSON lines that carry no personal data: no locals, no exception texts, no addresses (of callers or pages), no query strings."""

import logging
from typing import TYPE_CHECKING, Any

import structlog
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware
from structlog.tracebacks import ExceptionDictTransformer

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

FRAME_PLACE = ("filename", "lineno", "name")


class RequestLogMiddleware(RequestMiddleware):  # type: ignore[misc]
    """Logs the end of each request under the request id that is already there."""

    def prepare(self, request: HttpRequest) -> None:
        """Bind the request's own id, in place of all that the library works out for a line at the beginning."""
        structlog.contextvars.bind_contextvars(request_id=getattr(request, "request_id", ""))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Name a request by its route: an address may hold a token, and a query what someone searched for."""
        return f"{request.method} {route_of(request)}"


def route_of(request: HttpRequest) -> str:
    """Pattern of a request's address, such as ``/account/invitation/<str:token>/``; ``-`` where none fits."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "-"
    return f"/{match.route}"


class RouteForPath(logging.Filter):
    """Puts the route in place of the address in what Django itself logs of a request (Gone, Not Found, Forbidden …)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let it pass."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            addresses = {request.path, request.path_info, request.get_full_path()}
            record.args = tuple(route_of(request) if each in addresses else each for each in record.args)
        return True


def drop_personal(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """Take what libraries add and we don't keep out of an event: address and browser."""
    for key in ("ip", "user_agent", "headers", "body"):
        event.pop(key, None)
    return event


def place_of_exception(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """Keep the kinds and places of an exception; its text may quote the row or the value that failed."""
    for part in event.get("exception", []) if isinstance(event.get("exception"), list) else []:
        part["frames"] = [{key: frame[key] for key in FRAME_PLACE if key in frame} for frame in part.get("frames", [])]
        for key in ("exc_value", "exc_notes", "syntax_error"):
            part.pop(key, None)
    return event


def _shared_processors() -> list["Processor"]:
    """Return the steps that our own events and those of libraries both go through."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        place_of_exception,
    ]


def configure(level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: one JSON line an event, on standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared_processors(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "filters": {"route_for_path": {"()": RouteForPath}},
        "handlers": {
            "standard_error": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["route_for_path"]},
        },
        "root": {"handlers": ["standard_error"], "level": level},
        # Django's own console and mail handlers would print local variables
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            # the development server's own line a request, with the address in full; ours says the same
            "django.server": {"handlers": [], "propagate": False},
        },
    }
