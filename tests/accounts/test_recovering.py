"""A recovery code, as whoever found a colleague's would use it: everybody hears of it, and for a day it wins nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.access.services.authority import can
from apps.accounts import rules, selectors
from apps.accounts.models import Account, SessionRecord
from apps.accounts.passkeys import ceremony
from apps.accounts.services import passkeys
from apps.accounts.services.enrolment import device_confirm, device_prepare, recovery_codes_make
from apps.accounts.services.recovering import recovery_hold
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.permissions import Permission
from apps.workflow.models import Notice
from tests.accounts import factories
from tests.accounts.authenticator import Authenticator
from tests.accounts.factories import PASSWORD
from tests.accounts.log import newest
from tests.approval import factories as approval

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(hours=24)
HELD = (Permission.PEOPLE_INVITE, Permission.ROLE_GRANT, Permission.ROLE_APPROVE, Permission.BRANCH_MANAGE)


def enter_with_recovery(client: Client, owner: Account) -> None:
    """Sign in as whoever knows the password and has the sheet of recovery codes."""
    code = recovery_codes_make(actor=factories.actor_for(owner), account=owner)[0]
    client.post(reverse("accounts:sign_in"), {"name": owner.handle, "password": PASSWORD})
    assert client.post(reverse("accounts:recovery"), {"code": code}).url == reverse("accounts:factors")


def new_authenticator(client: Client, owner: Account) -> None:
    """Set up an authenticator in place of the one that is said to be lost, page by page."""
    client.post(reverse("accounts:replace"))
    device = selectors.waiting_device(owner)
    assert device is not None
    code = factories.shown_code(device.secret.reveal())
    assert client.post(reverse("accounts:replace_confirm"), {"code": code}).status_code == 200


def by_recovery(owner: Account) -> Actor:
    """The owner's actor a moment after a recovery code."""
    return dataclasses.replace(factories.actor_for(owner), factor=Factor.RECOVERY)


def subjects(owner: Account) -> list[str]:
    """Subjects of the mails to somebody, in the order in which they went."""
    return [message.subject for message in mail.outbox if message.to == [f"{owner.handle}@example.test"]]


def told(owner: Account) -> list[str]:
    """Kinds of the lines under somebody's bell."""
    return list(Notice.objects.filter(person=owner.person).order_by("pk").values_list("kind", flat=True))


def test_the_use_of_a_code_is_told_at_once_by_every_way(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    owner = factories.staff()
    with django_capture_on_commit_callbacks(execute=True):
        enter_with_recovery(client, owner)
    assert "LoanFlow: a recovery code of yours was used" in subjects(owner)
    assert told(owner) == ["recovery_used"]


def test_what_it_alone_has_set_up_is_told_to_its_owner_and_to_whoever_may_suspend(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    owner, officer = factories.staff(Role.APPROVER_1), factories.staff(Role.SECURITY_OFFICER)
    with django_capture_on_commit_callbacks(execute=True):
        enter_with_recovery(client, owner)
        new_authenticator(client, owner)
    assert "LoanFlow: new factors were set up with a recovery code" in subjects(owner)
    assert told(owner) == ["recovery_used", "recovery_done"]
    assert told(officer) == ["recovery_watched"]
    assert newest(Tag.ENROLLED)["note"]["signs_from"]


def test_a_new_authenticator_signs_nothing_for_a_day(client: Client) -> None:
    owner = factories.staff(Role.APPROVER_1)
    enter_with_recovery(client, owner)
    new_authenticator(client, owner)
    case = approval.case_confirmed(branch=factories.branch())
    now = Account.objects.get(pk=owner.pk)
    assert can(factories.actor_for(now), Permission.APPROVAL_SIGN, case).guard == "factor_reset"
    with clock.at(clock.now() + DAY - dt.timedelta(minutes=1)):
        assert can(factories.actor_for(now), Permission.APPROVAL_SIGN).guard == "factor_reset"
    with clock.at(clock.now() + DAY):
        assert can(factories.actor_for(now), Permission.APPROVAL_SIGN)


def test_nor_does_a_new_passkey(client: Client) -> None:
    owner, soft = factories.staff(Role.PAYMENT_CHECKER), Authenticator()
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    passkeys.passkey_enrol(
        actor=by_recovery(owner), account=owner, name="x", challenge=sealed, answer=soft.makes(challenge)
    )
    now = Account.objects.get(pk=owner.pk)
    assert can(factories.actor_for(now), Permission.PAYMENT_RELEASE).guard == "factor_reset"
    assert told(owner) == ["recovery_done"]


def test_an_administrator_so_recovered_gives_nobody_anything_for_a_day_and_may_still_stop_an_offender() -> None:
    owner = factories.staff(Role.ADMINISTRATOR)
    device = device_prepare(actor=by_recovery(owner), account=owner)
    code = factories.shown_code(device.secret.reveal())
    device_confirm(actor=by_recovery(owner), account=owner, code=code)
    actor = factories.actor_for(Account.objects.get(pk=owner.pk))
    assert [can(actor, each).guard for each in HELD] == ["factor_reset"] * len(HELD)
    assert can(actor, Permission.PEOPLE_SUSPEND)
    assert can(actor, Permission.PEOPLE_VIEW)


POWERS = pytest.mark.parametrize(
    ("role", "held"),
    [
        (Role.PAYMENT_MAKER, Permission.PAYMENT_PREPARE),
        (Role.DISBURSEMENT_REVIEWER, Permission.CONDITION_VERIFY),
        (Role.APPROVER_2, Permission.APPROVAL_WAIVE),
        (Role.AUDITOR, Permission.AUDIT_EXPORT),
        (Role.HEAD_OF_CREDIT, Permission.POLICY_MANAGE),
        (Role.TEAM_LEAD, Permission.ROLE_ENDORSE),
        (Role.TEAM_LEAD, Permission.CONTRACT_SIGN),
        (Role.TEAM_LEAD, Permission.REPAYMENT_CHECK),
        (Role.APPRAISER, Permission.COLLATERAL_RELEASE),
        (Role.COMPLIANCE_OFFICER, Permission.FORGET_APPROVE),
        (Role.COMPLIANCE_OFFICER, Permission.AUDIT_UNMASK),
        (Role.AUDITOR, Permission.AUDIT_RETIRE),
    ],
)


@POWERS
def test_a_session_that_a_code_has_opened_has_no_power_before_a_factor_is_set_up_either(
    role: Role, held: Permission
) -> None:
    owner = factories.staff(role)
    assert can(by_recovery(owner), held).guard == "recovery"
    assert can(by_recovery(owner), Permission.CASE_VIEW)
    assert can(factories.actor_for(owner), held), "with a factor of theirs it is open again"


def test_nor_do_its_pages_prepare_a_payment(client: Client) -> None:
    owner = factories.staff(Role.PAYMENT_MAKER)
    enter_with_recovery(client, owner)
    refused = client.post(reverse("disbursement:prepare", args=["LF-2026-000001"]))
    assert refused.status_code == 403
    assert "A recovery code opened this session" in refused.content.decode()
    assert newest(Tag.VIEW_REFUSED)["guard"] == "recovery"


@POWERS
def test_no_power_of_any_role_is_open_on_the_day_and_looking_is(role: Role, held: Permission) -> None:
    owner = factories.staff(role)
    with act(actor=factories.SETUP):
        recovery_hold(actor=by_recovery(owner), account=owner)
        record(Tag.ENROLLED, actor=factories.SETUP, subject=owner)
    actor = factories.actor_for(Account.objects.get(pk=owner.pk))
    assert can(actor, held).guard == "factor_reset"
    assert can(actor, Permission.CASE_VIEW)


def test_the_sessions_before_it_end(client: Client) -> None:
    owner, elsewhere = factories.staff(), Client()
    before = factories.signed_in(elsewhere, owner)
    enter_with_recovery(client, owner)
    new_authenticator(client, owner)
    before.refresh_from_db()
    assert before.end_reason == "recovered"
    assert SessionRecord.objects.filter(account=owner, ended_at=None).count() == 1
    assert client.get(reverse("accounts:factors")).status_code == 200


def test_a_code_and_a_factor_that_is_left_hold_nobody_back(client: Client) -> None:
    """Who lost the telephone and has the passkey replaces the authenticator with it, as always."""
    owner = factories.staff(Role.APPROVER_1)
    device = device_prepare(actor=factories.actor_for(owner), account=owner)
    with clock.at(clock.now() + dt.timedelta(seconds=30)):
        code = factories.shown_code(device.secret.reveal())
        device_confirm(actor=factories.actor_for(owner), account=owner, code=code)
    now = Account.objects.get(pk=owner.pk)
    assert now.signs_from is None
    assert can(factories.actor_for(now), Permission.APPROVAL_SIGN)


def test_a_hold_is_never_shortened_by_another_code() -> None:
    owner = factories.staff()
    later = clock.now() + 3 * DAY
    Account._base_manager.filter(pk=owner.pk).update(signs_from=later)
    owner.refresh_from_db()
    device = device_prepare(actor=by_recovery(owner), account=owner)
    code = factories.shown_code(device.secret.reveal())
    device_confirm(actor=by_recovery(owner), account=owner, code=code)
    assert Account.objects.get(pk=owner.pk).signs_from == later


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any, str], None]]:
    """Let a step of a service take so long that a recovery code, fresh before it, is too old after it."""
    with ExitStack() as later:

        def put(module: Any, name: str) -> None:
            quick = getattr(module, name)

            def step(*arguments: Any, **named: Any) -> Any:
                found = quick(*arguments, **named)
                later.enter_context(clock.at(clock.now() + rules.SIGNING_IN_LIFE + dt.timedelta(minutes=1)))
                return found

            monkeypatch.setattr(module, name, step)

        yield put


def test_an_authenticator_is_held_back_though_the_code_grows_too_old_on_the_way(
    slow: Callable[[Any, str], None],
) -> None:
    owner = factories.staff(Role.APPROVER_1)
    actor, device = by_recovery(owner), device_prepare(actor=by_recovery(owner), account=owner)
    code = factories.shown_code(device.secret.reveal())
    slow(rules, "code_step")
    device_confirm(actor=actor, account=owner, code=code)
    assert Account.objects.get(pk=owner.pk).signs_from is not None


def test_so_is_a_passkey(slow: Callable[[Any, str], None]) -> None:
    owner, soft = factories.staff(Role.APPROVER_1), Authenticator()
    challenge, sealed = passkeys.challenge_seal(owner, "enrol")
    actor, answer = by_recovery(owner), soft.makes(challenge)
    slow(ceremony, "made")
    passkeys.passkey_enrol(actor=actor, account=owner, name="x", challenge=sealed, answer=answer)
    assert Account.objects.get(pk=owner.pk).signs_from is not None
