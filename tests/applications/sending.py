"""What a browser sends to the pages of intake."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.workflow.models import LoanCase
from tests.applications import factories as f


def url(name: str, case: LoanCase, *rest: object) -> str:
    return reverse(f"applications:{name}", args=[case.number, *rest])


def scan(name: str = "paper.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, f.png().getvalue())


def post(seat: Client, page: str, case: LoanCase, /, *rest: object, **data: Any) -> HttpResponse:
    given = {"version": f.again(case).version, **data}
    return seat.post(url(page, case, *rest), given)  # type: ignore[return-value]


def went_on(answer: HttpResponse) -> None:
    assert answer.status_code == 302, answer.content.decode()
