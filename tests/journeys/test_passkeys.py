"""Passkeys in a real browser with a virtual authenticator: added, an approval, a waiver and a release signed, the bundle verified offline."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from apps.access.roles import Role
from apps.accounts.models import Account, Passkey, TotpDevice
from apps.approval.models import Signature
from apps.approval.services import offer_accept_recorded
from apps.audit.selectors import EventFilter
from apps.audit.services import act, record
from apps.audit.standalone import loanflow_verify
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.disbursement.models import ReleaseSignature, WaiverSignature
from apps.disbursement.selectors import conditions_standing
from apps.disbursement.services.conditions import conditions_meet
from apps.disbursement.services.contracts import contract_conclude
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval import factories as approval
from tests.audit.bundles import bundle_bytes, stored
from tests.audit.sealing import seal
from tests.borrowers import factories as borrowers
from tests.disbursement import factories as disbursement
from tests.journeys.desk import Desk
from tests.journeys.people import DESK, Office

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def named_office(request: pytest.FixtureRequest, site: str, browser: object, outbox: Path) -> Iterator[Office]:
    """The office at the name of this machine: a passkey is bound to a name, and an address of digits is none."""
    chromium: Browser = request.getfixturevalue("chromium")
    staffed = Office(chromium, site.replace("127.0.0.1", "localhost"), DESK)
    yield staffed
    staffed.close()


@act
def _minute(*, actor: Actor, account: Account) -> None:
    """Let a minute pass since the last code: a third one within it would not be taken."""
    device = TotpDevice.objects.get(user=account, retired_at=None, confirmed=True)
    device.last_step -= 2
    device.save(update_fields=["last_step"])
    record(Tag.FACTOR_PROVED, actor=actor, subject=device)


def to_making(desk: Desk) -> None:
    """Prove a code on the way to the page that makes the first passkey."""
    desk.go("accounts:passkey_add")
    desk.page.get_by_label("One-time code").fill(desk.code())
    desk.page.get_by_role("button", name="Continue").click()
    expect(desk.page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    _minute(actor=people.SETUP, account=desk.account)


def given_passkey(desk: Desk, name: str) -> str:
    """Put a virtual authenticator into somebody's browser and add a passkey; returns the authenticator's number."""
    devtools = desk.page.context.new_cdp_session(desk.page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    desk.devtools, desk.authenticator = devtools, made["authenticatorId"]  # type: ignore[attr-defined]
    to_making(desk)
    desk.page.get_by_label("Name").fill(name)
    desk.page.get_by_role("button", name="Make the passkey").click()
    desk.page.wait_for_url(f"**{reverse('accounts:factors')}")
    expect(desk.page.get_by_text(name).first).to_be_visible()
    return str(made["authenticatorId"])


def with_conditions(case: LoanCase) -> LoanCase:
    """Bring an approved case to its conditions, by the services: that has journeys of its own."""
    officer = borrowers.officer(case.branch)
    offer_accept_recorded(actor=officer, case=case, version=case.version, paper=approval.paper())
    signed = disbursement.contracted(officer, again(case))
    contract_conclude(actor=disbursement.who(Role.TEAM_LEAD, signed), case=signed, version=signed.version)
    return again(signed)


def in_payout(case: LoanCase) -> LoanCase:
    """Bring a case from its conditions to where it is paid."""
    officer, reviewer = borrowers.officer(case.branch), disbursement.who(Role.DISBURSEMENT_REVIEWER, case)
    settled = disbursement.settled(officer, reviewer, case)
    conditions_meet(actor=reviewer, case=settled, version=settled.version)
    return again(settled)


def test_an_approval_a_waiver_and_a_release_are_signed_and_verify_offline(named_office: Office, tmp_path: Path) -> None:
    office = named_office
    approval.policy(*approval.MATRIX, totp_up_to=Decimal(1))
    approver = office.person(Role.APPROVER_1, "approver-1")
    given_passkey(approver, "key on my ring")

    case = approval.case_needing(approval.ONE, branch=office.branch)
    approver.let_time_pass()
    approver.go("approval:sign", case.number)
    expect(approver.page.get_by_text("this needs a passkey")).to_be_visible()
    approver.page.get_by_label("Comment").fill("Sound business.")
    with approver.page.expect_navigation():
        approver.page.get_by_role("button", name="Sign with a passkey").click()
    signature = Signature.objects.select_related("assertion").get(case=case)
    assert (again(case).state, signature.factor_class) == ("offered", "A")
    assert signature.comment.reveal() == "Sound business."

    waiting = with_conditions(again(case))
    condition = next(each.condition for each in conditions_standing(waiting) if each.keeps_money_back)
    approver.go("disbursement:condition_waive", waiting.number, condition.uuid)
    approver.page.get_by_label("Reason").fill("The pledge covers it.")
    approver.press("Show what is signed")
    expect(approver.page.get_by_text("The pledge covers it.")).to_be_visible()
    with approver.page.expect_navigation():
        approver.page.get_by_role("button", name="Sign with a passkey").click()
    assert WaiverSignature.objects.get(case=case).factor_class == "A"

    ready = in_payout(again(case))
    checker = office.person(Role.PAYMENT_CHECKER, "checker-1")
    given_passkey(checker, "desk")
    drawdown = disbursement.prepared(disbursement.who(Role.PAYMENT_MAKER, ready), ready)
    checker.let_time_pass()
    checker.go("disbursement:release", ready.number, drawdown.pk)
    with checker.page.expect_navigation():
        checker.page.get_by_role("button", name="Release with a passkey").click()
    assert ReleaseSignature.objects.get(drawdown=drawdown).factor_class == "A"
    assert office.said() == []

    seal()
    bundle = stored(tmp_path, bundle_bytes(EventFilter(case=case.number)))
    ran = subprocess.run(
        [sys.executable, "-I", loanflow_verify.__file__, str(bundle)], check=False, cwd=tmp_path, env={},
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    proved, unproved = ran.stdout.split("NOT PROVED:")
    assert "Class A: signed with a passkey, exactly so, its person verified: approve CNY 100000.00" in proved
    assert "Class A: signed with a passkey, exactly so, its person verified: release CNY 100000.0000" in proved
    assert "Class A: signed with a passkey, exactly so, its person verified: waive CNY 100000.00" in proved
    assert "whose the passkey of" not in unproved


def test_signing_in_and_stepping_up_with_a_passkey_loses_nothing_that_was_typed(named_office: Office) -> None:
    desk = named_office.person(Role.ADMINISTRATOR, "admin-1")
    given_passkey(desk, "laptop")
    desk.let_time_pass()
    desk.go("accounts:factors")
    desk.page.get_by_role("button", name="Make ten new codes").click()
    expect(desk.page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    desk.page.get_by_role("button", name="Use a passkey").click()
    expect(desk.page.locator("[data-recovery-codes] code")).to_have_count(10)

    desk.page.context.clear_cookies()
    desk.page.goto(reverse("accounts:sign_in"))
    desk.page.get_by_label("Name or e-mail address").fill(desk.account.handle)
    desk.page.get_by_label("Password").fill(people.PASSWORD)
    desk.page.get_by_role("button", name="Sign in", exact=True).click()
    desk.page.get_by_role("button", name="Use a passkey").click()
    expect(desk.page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    desk.go("accounts:profile")
    assert Passkey.objects.get(user=desk.account).sign_count >= 2
    assert [line for line in desk.said if "403" not in line] == []


def test_a_passkey_that_is_refused_or_not_verified_says_so_and_a_code_still_works(named_office: Office) -> None:
    desk = named_office.person(Role.ADMINISTRATOR, "admin-1")
    authenticator = given_passkey(desk, "laptop")
    desk.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})  # type: ignore[attr-defined]
    desk.let_time_pass()
    desk.page.goto(f"{reverse('accounts:step_up')}?next={reverse('accounts:profile')}")
    desk.page.get_by_role("button", name="Use a passkey").click()
    expect(desk.page.get_by_role("alert").filter(has_text="The passkey was not used")).to_be_visible()
    desk.page.get_by_label("One-time code").fill(desk.code())
    desk.page.get_by_role("button", name="Continue").click()
    desk.page.wait_for_url(f"**{reverse('accounts:profile')}")


def test_at_an_address_of_digits_the_page_says_where_passkeys_work(named_office: Office, site: str) -> None:
    desk = named_office.person(Role.ADMINISTRATOR, "admin-1")
    to_making(desk)
    assert (
        json.loads(desk.page.locator("[data-passkey]").get_attribute("data-options") or "")["rp"]["id"] == "localhost"
    )
    outside = desk.page.context.browser
    assert outside is not None
    context = outside.new_context(base_url=site)
    other = Desk(context.new_page(), desk.account)
    other.sign_in(people.PASSWORD, desk.code)
    other.go("accounts:passkey_add")
    expect(other.page.get_by_text("cannot be made at this address")).to_be_visible()
    expect(
        other.page.locator(f'a[href="{site.replace("127.0.0.1", "localhost")}{reverse("accounts:passkey_add")}"]')
    ).to_be_visible()
    context.close()
