"""Rows that nobody wrote stay unsuspected when a migration adds columns or their owner gets a new key."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from apps.accounts.models import Person
from apps.audit.canonical import canonical, digest
from apps.audit.images import columns, image
from apps.audit.reconcile import Difference, Kind, likeness, reconcile, run
from apps.audit.reconcile.judging import _moved, difference
from apps.audit.reconcile.likeness import images, is_forgotten
from apps.audit.reconcile.told import Told
from apps.audit.services import act
from apps.borrowers.models import Borrower
from apps.vault.services import owner_forget
from tests.accounts import factories as people
from tests.audit.factories import SYSTEM
from tests.borrowers import factories as business

pytestmark = pytest.mark.django_db


ADDED = ("self_registration", "passkey_roles", "passkey_leaving", "passkey_leaving_at", "passkey_leaving_by_id")
"""Columns of an institution that migrations have added, the oldest first."""


def before_migration(row: models.Model, *names: str) -> str:
    """Digest that an event would hold from before these columns were there."""
    assert set(names) <= set(columns(row)), "a column has another name by now"
    return digest(canonical({name: value for name, value in columns(row).items() if name not in names}))


def test_columns_that_a_migration_added_may_be_missing_from_an_old_image() -> None:
    row = people.institution()
    old = before_migration(row, *ADDED)
    assert old in images(row)
    row.self_registration = True
    assert old[:8] not in {one[:8] for one in images(row)} - {image(row)[:8]}
    assert before_migration(row, *ADDED) not in images(row)


def test_an_added_field_that_is_gone_again_is_no_column(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: dict[tuple[str, str], Any] = {("accounts", "institution"): [{"gone": models.TextField()}]}
    monkeypatch.setattr(likeness, "_all_additions", lambda: steps)
    row = people.institution()
    assert set(images(row)) == {image(row)}


def test_every_column_added_by_a_migration_has_a_default_to_compare_with() -> None:
    for steps in likeness._all_additions().values():
        for step in steps:
            for field in step.values():
                likeness._default(field)


def test_what_a_row_hides_is_compared_under_each_key_its_owner_has() -> None:
    borrower = business.borrower()
    assert reconcile().count == 0
    held = list(images(borrower))
    assert held.count(image(borrower)) >= 2


def test_what_is_hidden_under_a_destroyed_key_cannot_be_compared() -> None:
    borrower = business.borrower()
    assert not is_forgotten(borrower)
    with act(actor=SYSTEM):
        owner_forget(owner=borrower.key_owner, actor=SYSTEM)
    assert is_forgotten(Borrower.objects.get(pk=borrower.pk))
    assert reconcile().count == 0  # forgetting wrote the row anew, on record


def test_a_row_that_cannot_be_compared_is_counted_and_not_accused(monkeypatch: pytest.MonkeyPatch) -> None:
    business.borrower()
    monkeypatch.setattr(run, "fits", lambda told, *_more: not told.object.startswith("borrowers_borrower:"))
    monkeypatch.setattr(run, "difference", lambda told, *_more: Difference(told.object, Kind.EDITED, told.event))
    monkeypatch.setattr(run, "cannot_be_compared", lambda _row: True)
    report = reconcile()
    assert (report.count, report.left_out) == (0, 1)


def test_a_row_from_before_a_migration_is_judged_untouched() -> None:
    row = people.institution()
    name = f"accounts_institution:{row.pk}"
    body = {"touched": [{"object": name, "after": before_migration(row, *ADDED)}]}
    assert difference(Told(name, 1, 1, "create"), body, row) is None
    row.name = "Another Bank"
    found = difference(Told(name, 1, 1, "create"), body, row)
    assert found is not None
    assert found.kind is Kind.EDITED


def test_ciphertext_whose_key_is_destroyed_is_not_called_moved() -> None:
    someone = people.staff().person
    with act(actor=SYSTEM):
        owner_forget(owner=someone.key_owner, actor=SYSTEM)
    assert _moved(Person.objects.get(pk=someone.pk)) == ()
