"""A demo answers its own machine and nobody else."""

from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from loanflow.environment import Mode
from loanflow.loopback import LoopbackOnlyMiddleware


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 403), ("", 403)])
def test_demo_refuses_callers_from_elsewhere(settings: Any, address: str, status: int) -> None:
    settings.LOANFLOW_MODE = Mode.DEMO
    answer = LoopbackOnlyMiddleware(lambda _request: HttpResponse("ok"))
    assert answer(RequestFactory().get("/", REMOTE_ADDR=address)).status_code == status


@pytest.mark.parametrize("mode", [Mode.PRODUCTION, Mode.DEVELOPMENT, Mode.TEST])
def test_other_modes_do_without_it(settings: Any, mode: Mode) -> None:
    settings.LOANFLOW_MODE = mode
    with pytest.raises(MiddlewareNotUsed):
        LoopbackOnlyMiddleware(lambda _request: HttpResponse("ok"))


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"])
def test_demo_refuses_what_a_proxy_on_this_machine_forwards(settings: Any, header: str) -> None:
    settings.LOANFLOW_MODE = Mode.DEMO
    answer = LoopbackOnlyMiddleware(lambda _request: HttpResponse("ok"))
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers={header: "127.0.0.1"})
    assert answer(request).status_code == 403
