"""A log line is JSON and holds no personal data, whatever fails."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from loanflow import logs
from loanflow.logs import RequestLogMiddleware

CANARY = "canary 110101199003070011"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect what the house's own handler would write to standard error."""
    stream = io.StringIO()
    config = logs.configure("INFO")
    config["handlers"]["standard_error"]["stream"] = stream
    logging.config.dictConfig(config)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def failing(secret: str) -> None:
    local = secret
    raise ValueError(f"cannot parse {local}")


def test_exception_shows_kind_and_place_but_no_text_and_no_locals(lines: io.StringIO) -> None:
    try:
        failing(CANARY)
    except ValueError:
        logging.getLogger("django.request").exception("it failed")
    [event] = written(lines)
    assert event["event"] == "it failed"
    assert event["exception"][0]["exc_type"] == "ValueError"
    assert event["exception"][0]["frames"][-1]["name"] == "failing"
    assert CANARY not in lines.getvalue()


def test_our_own_logger_writes_the_same_kind_of_line(lines: io.StringIO) -> None:
    try:
        failing(CANARY)
    except ValueError:
        structlog.get_logger("house").exception("it failed", number=4, ip="10.1.1.1", user_agent="Browser")
    [event] = written(lines)
    assert (event["level"], event["number"], event["logger"]) == ("error", 4, "house")
    assert not {"ip", "user_agent"} & set(event)
    assert CANARY not in lines.getvalue()


def test_request_is_logged_under_its_id_and_without_its_query(lines: io.StringIO) -> None:
    request = RequestFactory().get("/cases/", {"q": CANARY}, headers={"user-agent": "Browser 1"})
    request.request_id = "a" * 32  # type: ignore[attr-defined]
    RequestLogMiddleware(lambda _request: HttpResponse("ok"))(request)
    [event] = written(lines)
    assert (event["request_id"], event["request"], event["code"]) == ("a" * 32, "GET /cases/", 200)
    assert CANARY not in lines.getvalue()
    assert "Browser" not in lines.getvalue()


TOKEN = "t0ken-that-opens-an-account-once-and-stays-secret"


@pytest.mark.django_db
def test_a_token_in_an_address_stands_in_no_line_of_the_log(lines: io.StringIO, client: Client) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    page = reverse("accounts:invitation", args=[TOKEN])
    assert client.get(page).status_code == 410
    assert client.get(f"{page}nowhere/").status_code == 404
    assert client.put(page).status_code == 405
    assert Client(enforce_csrf_checks=True).post(page, {"password": CANARY}).status_code == 403
    said = written(lines)
    assert {"Gone: /account/invitation/<str:token>/", "Not Found: -"} <= {line["event"] for line in said}
    assert "GET /account/invitation/<str:token>/" in {line.get("request") for line in said}
    assert TOKEN not in lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_the_development_servers_own_lines_are_not_written(lines: io.StringIO) -> None:
    logging.getLogger("django.server").info('"GET /account/invitation/%s/ HTTP/1.1" 200 5', TOKEN)
    assert lines.getvalue() == ""
