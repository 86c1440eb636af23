"""Whose events the log keeps whatever their age: borrowers under a legal hold, with all that is theirs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast

from apps.audit.retiring.port import Held
from apps.audit.touched import key_of
from apps.borrowers.models import Borrower, LegalHold
from apps.vault.models import KeyOwner
from apps.workflow.models import LoanCase


def held_now() -> Sequence[Held]:
    """Borrowers under a hold that stands, each with the objects and the cases that are theirs; three queries.

    What belongs to a case carries the case's number in its events.
    """
    holds = LegalHold.objects.filter(lifted_at=None)
    borrowers = {row.pk: row for row in Borrower.objects.filter(pk__in=holds.values("borrower")).order_by("pk")}
    if not borrowers:
        return []
    objects = {pk: {key_of(Borrower, pk), key_of(KeyOwner, row.key_owner_id)} for pk, row in borrowers.items()}
    cases: dict[int, set[str]] = {pk: set() for pk in borrowers}
    for pk, number, borrower in LoanCase.objects.filter(borrower__in=borrowers).values_list("pk", "number", "borrower"):
        objects[borrower].add(key_of(LoanCase, pk))
        cases[borrower].add(number)
    for borrower, table, pk in _rows(borrowers):
        objects[borrower].add(f"{table}:{pk.replace('-', '')}")
    return [Held(row.reference, objects[pk], cases[pk]) for pk, row in borrowers.items()]


def _rows(borrowers: Collection[int]) -> QuerySet[Any]:
    """Whatever else points to one of the borrowers: whose it is, its table and its key; one query over all tables."""
    found: list[QuerySet[Any]] = []
    for relation in Borrower._meta.related_objects:
        model: Any = relation.related_model
        if relation.one_to_many and model is not LoanCase and model._meta.managed:
            rows = model.objects.filter(**{f"{relation.field.name}__in": list(borrowers)}).order_by()
            key = Cast("pk", CharField())
            rows = rows.annotate(whose=F(relation.field.attname), table=Value(model._meta.db_table), key=key)
            found.append(rows.values_list("whose", "table", "key"))
    return found[0].union(*found[1:], all=True)
