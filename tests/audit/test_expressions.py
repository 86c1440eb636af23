"""Columns made of a body are computed alike by both databases."""

import datetime as dt
from typing import Any

import pytest
from django.db.models import F

from apps.audit.expressions import BodyMoment, BodyNumber, BodyText
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from tests.audit.factories import SYSTEM, branch

MOMENT = dt.datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (BodyText(F("body"), path="action"), "workflow.opened"),
        (BodyText(F("body"), path="note.inner"), "字"),
        (BodyText(F("body"), path="nothing.there"), None),
        (BodyNumber(F("body"), path="v"), 1),
        (BodyNumber(F("body"), path="person"), None),
        (BodyMoment(F("body")), MOMENT),
    ],
)
def test_a_path_of_the_body_is_read_as_its_kind(expression: Any, expected: Any):
    with clock.at(MOMENT), act(actor=SYSTEM):
        record(Tag.CASE_OPENED, actor=SYSTEM, subject=branch(), note={"inner": "字"})
    found = AuditEvent.objects.filter(action=Tag.CASE_OPENED).annotate(made=expression)
    assert found.values_list("made", flat=True).get() == expected
