"""The table of administration is what the services obey: change a row, and they refuse another person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError

from apps.access import selectors
from apps.access.administration import AGREEING, HANDING, RULES, Change, Gives, asking, role_change
from apps.access.roles import ADMINISTERING, POWERFUL, Role, roles_with
from apps.access.services import grant_approve, role_grant, role_revoke
from apps.access.services.granting import Assignment
from apps.access.services.people import staff_invite, staff_reinvite, staff_restore, staff_suspend, staff_unlock
from apps.access.services.places import branch_open, passkey_roles_set
from apps.access.services.resetting import reset_agree, reset_start
from apps.access.services.rights import manager_set
from apps.accounts.models import Account
from apps.accounts.services.people import Particulars, account_suspend
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.factories import SETUP

pytestmark = pytest.mark.django_db
NOT_HELD = Permission.AUDIT_EXPORT
"""A permission that no administrator holds."""


def _invite(actor: Actor, officer: Account) -> object:
    who = Particulars(handle="new-one", name="Li Wei", email="li.wei@example.test")
    wanted = [Assignment(Role.LOAN_OFFICER)]
    return staff_invite(actor=actor, who=who, assignments=wanted, reason="new", site="https://x.example.test")


def _restore(actor: Actor, officer: Account) -> object:
    if officer.is_active:
        account_suspend(actor=SETUP, account=officer, reason="away")
    return staff_restore(actor=actor, account=officer, reason="back")


def _grant(role: Role) -> Callable[[Actor, Account], object]:
    return lambda actor, officer: role_grant(actor=actor, person=officer.person, role=role, branch=None, reason="more")


def _end(actor: Actor, officer: Account) -> object:
    return role_revoke(actor=actor, grant=selectors.grants_live().get(person=officer.person), reason="moved")


DONE: dict[Change, Callable[[Actor, Account], object]] = {
    Change.INVITE: _invite,
    Change.REINVITE: lambda actor, officer: staff_reinvite(actor=actor, account=officer, site="https://x.example.test"),
    Change.SUSPEND: lambda actor, officer: staff_suspend(actor=actor, account=officer, reason="away"),
    Change.RESTORE: _restore,
    Change.UNLOCK: lambda actor, officer: staff_unlock(actor=actor, account=officer),
    Change.ROLE: _grant(Role.CREDIT_ANALYST),
    Change.POWERFUL_ROLE: _grant(Role.PAYMENT_MAKER),
    Change.ROLE_END: _end,
    Change.BRANCH: lambda actor, officer: branch_open(actor=actor, code="NEW", name="New branch"),
    Change.FACTOR_RESET: lambda actor, officer: reset_start(
        actor=actor, account=officer, reason="lost", site="https://x.example.test"
    ),
    Change.MANAGER: lambda actor, officer: manager_set(
        actor=actor, account=officer, handle=factories.staff(Role.TEAM_LEAD).handle
    ),
    Change.PASSKEY_OFF: lambda actor, officer: passkey_roles_set(actor=actor, roles=[]),
}


@pytest.mark.parametrize("change", DONE)
def test_a_service_asks_for_the_permission_of_its_row(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    administrator, officer = factories.staff(Role.ADMINISTRATOR), factories.staff()
    factories.branch()
    monkeypatch.setitem(RULES, change, replace(RULES[change], asks=NOT_HELD))  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        DONE[change](factories.actor_for(administrator), officer)
    assert refused.value.guard == "permission"
    monkeypatch.undo()
    DONE[change](factories.actor_for(administrator), Account.objects.get(pk=officer.pk))


def test_every_row_with_a_service_is_looked_at() -> None:
    assert set(RULES) - set(DONE) == {Change.MAILBOX, Change.RECOVER}, (
        "the one is no door, the other opens to nobody's page"
    )


@pytest.mark.parametrize(("agree", "counts"), [((), True), ((Permission.ROLE_APPROVE,), False)])
def test_how_many_agree_to_a_role_is_what_its_row_says(
    agree: tuple[Permission, ...], counts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(RULES[Change.POWERFUL_ROLE], agree=agree)
    monkeypatch.setitem(RULES, Change.POWERFUL_ROLE, row)  # type: ignore[arg-type]
    officer = factories.staff()
    one, other = factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR)
    grant = role_grant(
        actor=factories.actor_for(one), person=officer.person, role=Role.AUDITOR, branch=None, reason="more"
    )
    assert (Role.AUDITOR in factories.actor_for(officer).role_names) is counts
    if not counts:
        grant_approve(actor=factories.actor_for(other), grant=grant)
        assert Role.AUDITOR in factories.actor_for(officer).role_names


@pytest.mark.parametrize("enrolled", [True, False])
def test_whether_power_waits_for_enrolment_is_what_its_row_says(
    enrolled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(RULES[Change.POWERFUL_ROLE], enrolled=enrolled)
    monkeypatch.setitem(RULES, Change.POWERFUL_ROLE, row)  # type: ignore[arg-type]
    one, other = factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR)
    who = Particulars(handle="new-one", name="Li Wei", email="li.wei@example.test")
    made = staff_invite(
        actor=factories.actor_for(one), who=who, assignments=[Assignment(Role.PAYMENT_MAKER)], reason="new",
        site="https://x.example.test",
    )  # fmt: skip
    grant_approve(actor=factories.actor_for(other), grant=selectors.grants_waiting().get())
    assert bool(selectors.held_roles(made.person_id)) is not enrolled


@pytest.mark.parametrize("agree", [(), (Permission.ROLE_APPROVE,), (Permission.ROLE_APPROVE, NOT_HELD)])
def test_who_agrees_to_new_factors_is_what_its_row_says(
    agree: tuple[Permission, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(RULES[Change.FACTOR_RESET], agree=agree)
    monkeypatch.setitem(RULES, Change.FACTOR_RESET, row)  # type: ignore[arg-type]
    officer = factories.staff()
    one, other = factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR)
    asked = reset_start(actor=factories.actor_for(one), account=officer, reason="lost", site="https://x.example.test")
    assert (asked.agreed_at is not None) is (agree == ())
    if NOT_HELD in agree:
        with pytest.raises(Refused):
            reset_agree(actor=factories.actor_for(other), row=asked, site="https://x.example.test")
    elif agree:
        assert reset_agree(actor=factories.actor_for(other), row=asked, site="https://x.example.test").agreed_at


@pytest.mark.parametrize("apart", [True, False])
def test_whether_who_asks_for_new_factors_may_agree_is_what_the_row_says(
    apart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = replace(RULES[Change.FACTOR_RESET], apart=apart)
    monkeypatch.setitem(RULES, Change.FACTOR_RESET, row)  # type: ignore[arg-type]
    officer, one = factories.staff(), factories.actor_for(factories.staff(Role.ADMINISTRATOR))
    asked = reset_start(actor=one, account=officer, reason="lost", site="https://x.example.test")
    with pytest.raises(Refused if apart else IntegrityError):
        reset_agree(actor=one, row=asked, site="https://x.example.test")


def test_power_takes_four_people_of_three_kinds() -> None:
    row = RULES[Change.POWERFUL_ROLE]
    assert len({row.asks, *row.agree}) == 4
    kinds = [frozenset(roles_with(each)) for each in row.agree]
    assert len(set(kinds)) == 3
    assert all(a.isdisjoint(b) for a in kinds for b in kinds if a != b)
    assert row.apart
    assert row.enrolled
    assert all(set(roles_with(each)) <= POWERFUL for each in (*AGREEING, asking(Change.POWERFUL_ROLE)))


def test_nobody_moves_the_mailbox_of_a_colleague() -> None:
    """There is no such service, and nothing in the product writes an address but when a person is made."""
    assert RULES[Change.MAILBOX].gives is Gives.MAILBOX
    with pytest.raises(LookupError, match="nobody"):
        asking(Change.MAILBOX)
    root = Path(settings.BASE_DIR) / "apps"
    writing = re.compile(r"person\.email\s*=[^=]|Person\.objects\.(?:create|update)\([^)]*email", re.DOTALL)
    found = {str(path.relative_to(root)) for path in root.rglob("*.py") if writing.search(path.read_text())}
    assert found <= {"accounts/services/people.py"}


def test_which_row_a_role_falls_under() -> None:
    for role in Role:
        assert role_change(role) is (Change.POWERFUL_ROLE if role in POWERFUL else Change.ROLE)


@pytest.mark.parametrize(
    ("given", "checked", "bound"),
    [
        ({}, (1, 2), (1, 2)),
        ({"checks_principal": False}, (1,), (1, 2)),
        ({"checks_deputy": False}, (2,), (1, 2)),
        ({"lays_on_principal": False}, (1, 2), (1,)),
        ({"lays_on_deputy": False}, (1, 2), (2,)),
    ],
)
def test_whom_a_deputys_act_is_checked_on_and_binds(given: dict[str, Any], checked: object, bound: object) -> None:
    rule = replace(HANDING, **given)
    assert (rule.checked(1, 2), rule.bound(1, 2)) == (checked, bound)
    assert rule.bound(1, None) == (1,)


def test_nothing_that_administers_is_handed_over() -> None:
    assert HANDING.never >= ADMINISTERING | AGREEING
