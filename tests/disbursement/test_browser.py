"""Pages of contract, conditions, payments and loans in a real browser: what axe-core finds, and that nothing overflows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.approval.models import Condition
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.disbursement.services.following import conditions_remind
from apps.disbursement.services.paying import PayingData, paying_account_enter
from tests.accounts import factories as people
from tests.console.test_browser import AXE, FIND, OVERFLOW, enter
from tests.disbursement import factories, worlds
from tests.disbursement.worlds import World
from tests.post_loan import factories as loans
from tests.post_loan.factories import loan_of


def stations() -> tuple[World, World]:
    """A case being contracted with a signature to be confirmed, and an active one with a loan, a payment and conditions."""
    early, late = worlds.contracting(secured=True, guaranteed=True), loans.running(amount=Decimal(900_000))
    factories.contract_make(actor=early.actor("officer"), case=early.case, version=early.case.version)
    line = early.case.contracts.get().parties.order_by("id")[0]
    factories.party_signed(
        actor=early.actor("officer"), case=early.case, version=early.case.version, line=line, signed_on=factories.clock.today(),
        paper=factories.scan(), second_witness_id=early.accounts["maker"].person_id,
    )  # fmt: skip
    with act(actor=people.SETUP):
        facility = late.case.facilities.get()
        facility.kind, facility.approved_amount = "revolving", (facility.approved_amount or 0) + 500_000
        facility.save()
        for days in (3, 60):
            Condition.objects.create(
                case=late.at, key_owner=late.at.borrower.key_owner, code=f"after-{days}", kind="subsequent", due_days=days,
                text_en="Send the audited annual accounts of the business", text_zh="提交经审计的年度财务报告",
            )  # fmt: skip
        record(Tag.BRANCH_CHANGED, actor=people.SETUP)
    conditions_remind(Actor.system("clock", channel="test"))
    loans.posted(late, Decimal(50_000))
    factories.prepared(late.actor("maker"), late.case, Decimal(120_000), late.payee)
    data = PayingData("USD", "3700160880805020", "Songhua Bank, head office", "SBNKCNBJ")
    paying_account_enter(actor=people.actor_for(people.staff(Role.ADMINISTRATOR)), data=data)
    return early, late


def pages_of(early: World, late: World) -> list[tuple[Account, list[str]]]:
    """Who opens which pages."""
    number, drawdown = late.at.number, late.case.drawdowns.order_by("-id")[0]
    line = early.case.contracts.get().parties.order_by("id")[0]
    return [
        (people.staff(Role.ADMINISTRATOR), [reverse("disbursement:paying"), reverse("disbursement:paying_enter")]),
        (early.accounts["maker"], [
            reverse("disbursement:contract", args=[early.at.number]),
            reverse("disbursement:signature_confirm", args=[early.at.number, line.pk]),
            early.at.get_absolute_url(),
        ]),
        (late.accounts["maker"], [reverse("disbursement:payments", args=[number]), reverse("disbursement:prepare", args=[number])]),
        (late.accounts["checker"], [reverse("disbursement:release", args=[number, drawdown.pk]), reverse("disbursement:payments")]),
        (late.accounts["keeper"], [
            reverse("post_loan:loan", args=[loan_of(late).number]), reverse("post_loan:loans"), reverse("post_loan:conditions"),
            late.at.get_absolute_url(),
        ]),
        (late.accounts["officer"], [reverse("disbursement:conditions", args=[number])]),
        (people.staff(Role.COMPLIANCE_OFFICER), [late.at.borrower.get_absolute_url()]),
    ]  # fmt: skip


@pytest.mark.timeout(600)  # two cases on their way to money are made for it, on a machine that may be busy
@pytest.mark.once
@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1440, "light", "en-GB"), (390, "dark", "zh-CN")],
    ids=["English-light-1440", "Chinese-dark-390"],
)
def test_axe_finds_nothing_and_nothing_overflows(
    chromium: Browser, site: str, width: int, scheme: Any, language: str
) -> None:
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language, bypass_csp=True
    )
    complaints: list[str] = []
    for owner, addresses in pages_of(*stations()):
        enter(context, site, owner)
        page = context.new_page()
        for address in addresses:
            answer = page.goto(address)
            page.add_script_tag(path=AXE)
            found = page.evaluate(FIND) + [f"overflows by {page.evaluate(OVERFLOW)}"] * (page.evaluate(OVERFLOW) > 0)
            found += [f"answered {answer.status}"] * (answer is None or answer.status != 200)
            complaints += [f"{address}: {one}" for one in found]
        page.close()
    context.close()
    assert complaints == []
