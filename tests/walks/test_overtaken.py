"""Somebody was faster: every form that carries a version says by whom, when and what, and keeps everything typed."""

from __future__ import annotations

import datetime as dt
import html
import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.db.models import F

from apps.core import clock
from apps.core.pictures import FIELD, picture
from apps.post_loan.models import Loan
from apps.workflow.models import LoanCase
from tests.walks.shown import Shown, filled, kept, undone
from tests.walks.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("world"),
    pytest.mark.unrecorded,  # what the faster one did is a bare row here
]

FASTER = "analyst-77"
CASE_FORMS = 70
ADDING = {"applications:applicant", "applications:duplicates_scan", "applications:visit_confirm"}
"""Acts that put something beside what stands there, whatever that is by then: nobody can be overtaken."""
LOAN_FORMS = {"post_loan:repayment_enter", "post_loan:loan_close"}


def overtake(form: Any) -> tuple[str, str]:
    """Let somebody be faster; returns what differs now, as it has to be shown, and who is named."""
    if hasattr(form, "case"):
        mine = LoanCase._base_manager.filter(pk=form.case.pk)
        mine.update(
            version=F("version") + 1, changed_by=FASTER, changed_at=clock.now(), amount_asked=F("amount_asked") + 7
        )
        return "Asked", FASTER
    mine = Loan._base_manager.filter(pk=form.loan.pk)
    mine.update(version=F("version") + 1, next_due_on=clock.today() + dt.timedelta(days=400))
    return "Next due", "Changed by"


@pytest.mark.parametrize("kind", ["case", "loan"])
def test_somebody_faster_leaves_another_version(world: World, kind: str) -> None:
    case = world.case("intake") if kind == "case" else Loan.objects.earliest("pk")
    overtake(SimpleNamespace(**{kind: case}))
    assert type(case)._base_manager.get(pk=case.pk).version == case.version + 1


def complaints(answer: Any, sent: dict[str, Any], form: forms.Form, said: tuple[str, str]) -> list[str]:
    """What is missing on the page of whoever was slower."""
    text = html.unescape(answer.content.decode())
    missing = [
        words for words in ("Somebody was faster", 'class="table table-sm differences"', *said) if words not in text
    ]
    new = answer.context["form"]
    again = str(new["version"].value()) != str(int(sent["version"]) + 1)
    return [*missing, *(["typed"] if not kept(answer, sent, form) else []), *(["version"] if again else [])]


def test_every_form_with_a_version_tells_what_has_changed_and_keeps_what_was_typed(shown: list[Shown]) -> None:
    wrong: dict[str, list[str]] = {}
    seen: set[str] = set()
    for page, address, client, form in shown:
        if "version" not in form.fields or page.name in seen | ADDING:
            continue
        seen.add(page.name)
        sent = {**filled(form, itertools.repeat("Wort für Wort")), FIELD: picture(form)}
        with undone():
            said = overtake(form)
            answer = client.post(address, sent)
            if answer.status_code not in (400, 409):
                wrong[page.name] = [f"answered {answer.status_code}"]
            elif missing := complaints(answer, sent, form, said):
                wrong[page.name] = [str(answer.status_code), *missing]
    assert wrong == {}
    assert seen >= LOAN_FORMS
    assert len(seen) > CASE_FORMS, sorted(seen)
