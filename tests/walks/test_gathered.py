"""A file gathered with one question holds exactly the rows that the ORM loads table by table."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from apps.borrowers.models import Borrower
from apps.core import memory
from apps.core.gathered import beside, gather, hanging, rows
from apps.core.together import Wanted, together
from apps.vault.secret import Secret
from apps.workflow.models import DutyDone, Facility, LoanCase
from tests.walks.world import RICH, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def values_of(row: Model) -> dict[str, Any]:
    """Everything a row holds, envelopes as they lie in the table."""
    held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: value.envelope() if isinstance(value, Secret) else value for name, value in held.items()}


def test_every_gathered_row_is_what_the_orm_loads(world: World) -> None:
    seen: set[type[Model]] = set()
    for station in world.cases:
        case = world.case(station)
        for root in (case, case.borrower):
            for model, path in hanging[type(root)].items():
                loaded = list(model._default_manager.filter(**{path: root}).order_by("pk"))
                found = together([Wanted(model, path, root.pk)])[model]
                assert [values_of(row) for row in found] == [values_of(row) for row in loaded], (station, model)
                assert [type(value) for row in found for value in values_of(row).values()] == [
                    type(value) for row in loaded for value in values_of(row).values()
                ], (station, model)
                seen |= {model} if loaded else set()
    assert len(seen) > 30, "the world holds too little to show anything"


def test_a_file_is_gathered_with_one_question_and_rows_follow_each_other_without_another(world: World) -> None:
    case = world.case()
    with memory.remembering():
        with CaptureQueriesContext(connection) as asked:
            gather(case, case.borrower)
            gather(case, case.borrower)
            drawn = [each.facility.position for each in rows(case, _model("disbursement.Drawdown"))]
            signed = [(each.memo.number, each.account.handle) for each in rows(case, _model("approval.Signature"))]
            parts = [each.party.pk for each in rows(case.borrower, _model("borrowers.Interest"))]
            sizes = [each.file.size for each in rows(case, _model("applications.Document"))]
        assert all((drawn, signed, parts, sizes))
    assert len(asked) == 1


def test_outside_a_page_that_is_read_every_question_is_asked_anew(world: World) -> None:
    case = world.case()
    gather(case, case.borrower)
    with CaptureQueriesContext(connection) as asked:
        assert rows(case, Facility) == rows(case, Facility) != []
    assert len(asked) == 2


def test_a_table_that_hangs_nowhere_is_refused(world: World) -> None:
    with pytest.raises(KeyError):
        rows(world.case(), Borrower)


def test_what_rows_point_at_is_no_row_of_the_file(world: World) -> None:
    case = world.case(RICH)
    with memory.remembering():
        gather(case, case.borrower)
        assert {row.case_id for row in rows(case, DutyDone)} == {case.pk}
    for root in (LoanCase, Borrower):
        assert not {model for model, _through in beside[root]} & hanging[root].keys()


def _model(label: str) -> Any:
    return next(model for root in hanging.values() for model in root if model._meta.label == label)
