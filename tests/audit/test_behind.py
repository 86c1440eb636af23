"""Who stands behind a row: whoever acted, and whom they acted for."""

from __future__ import annotations

import dataclasses

import pytest

from apps.audit.behind import people_behind
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from tests.accounts import factories

pytestmark = pytest.mark.django_db


def test_both_persons_of_a_deputys_act_stand_behind_it() -> None:
    maker, other, principal = (factories.actor_for(factories.staff()) for _each in range(3))
    deputy = dataclasses.replace(other, on_behalf_of=principal.person_id, on_behalf_name="absent")
    with act(actor=maker):
        record(Tag.PERSON_INVITED, actor=maker, subject=(row := factories.branch("B1")))
    for actor, tag in ((maker, Tag.BRANCH_CHANGED), (deputy, Tag.LOCK_LIFTED)):
        _touched(actor, row, tag)
    assert people_behind(row, Tag.BRANCH_CHANGED) == {maker.person_id}
    assert people_behind(row, Tag.LOCK_LIFTED) == {other.person_id, principal.person_id}
    assert people_behind(row, Tag.SIGNED_IN) == frozenset()


def _touched(actor: Actor, row: object, tag: Tag) -> None:
    with act(actor=actor):
        row.name = f"{row.name}."  # type: ignore[attr-defined]
        row.save()  # type: ignore[attr-defined]
        record(tag, actor=actor, subject=row)
