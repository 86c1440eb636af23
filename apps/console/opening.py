"""Whose data an export in clear may show, and which: borrowers of its branches, but none that a reader is tied to or kept off."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Model, Q
from django.utils.text import capfirst

from apps.access.ports import Ports
from apps.audit.opening_port import Readers
from apps.audit.scope import Scope
from apps.audit.services.exports import exports_of_forgotten_erase
from apps.borrowers.models import Borrower
from apps.borrowers.services import REVEALABLE
from apps.core import clock
from apps.core.actor import Actor
from apps.core.classes import names_of
from apps.core.labels import labelled, listed
from apps.workflow.models import CaseBlock, LoanCase

BORROWER = f"{Borrower._meta.db_table}:"


def openable(readers: Readers, owners: Collection[int]) -> Mapping[int, Model]:
    """Borrowers by their key owners. Data of staff and of the house are nobody's to open in bulk."""
    rows = Borrower.objects.filter(key_owner_id__in=owners).exclude(pk__in=kept_from(readers.people))
    return {row.key_owner_id: row for row in rows.filter(_within(readers.scope))}


def _within(scope: Scope) -> Q:
    """Borrowers of the places of any part: of its branches, of its cases, or named themselves."""
    condition = Q(pk__in=())
    for part in scope.parts:
        if not part.is_local:
            return Q()
        cases = LoanCase.objects.filter(number__in=part.cases or ()).values("borrower_id")
        named = [int(key.removeprefix(BORROWER)) for key in part.objects or () if key.startswith(BORROWER)]
        condition |= Q(branch_id__in=part.branches or ()) | Q(pk__in=cases) | Q(pk__in=named)
    return condition


def fields_shown(model: type[Model]) -> tuple[str, ...]:
    """The fields of a model that may be shown: what colleagues may reveal one by one, and names that stand in clear."""
    revealable = REVEALABLE.get(model)  # type: ignore[arg-type]  # any model may be asked about
    return (*names_of(model), *revealable) if revealable else ()


def kinds_shown() -> list[str]:
    """What may be shown, in words: a line for each kind of thing, with its fields."""
    return [_kind(model) for model in REVEALABLE]


def _kind(model: type[Model]) -> str:
    fields = [model._meta.get_field(name) for name in fields_shown(model)]
    # what nobody enters is a copy of another for searching
    words = [str(field.verbose_name) for field in fields if field.editable]  # type: ignore[union-attr]
    return labelled(capfirst(str(model._meta.verbose_name)), listed(dict.fromkeys(words)))


def exports_of_forgotten(borrower: Borrower, _actor: Actor) -> Mapping[str, int]:
    """Destroy the exports in clear that show anything of a borrower who is being forgotten; inside the forgetting's act."""
    return {"exports_in_clear": exports_of_forgotten_erase(borrower)}


def kept_from(people: Collection[int]) -> set[int]:
    """Borrowers that any of these people is tied to, or whose case they are kept off."""
    tied = {borrower for person in people for borrower in Ports.borrowers_tied_to(person)}
    blocks = CaseBlock.objects.filter(person_id__in=people).exclude(ends_at__lte=clock.now())
    return tied | set(blocks.values_list("case__borrower_id", flat=True))
