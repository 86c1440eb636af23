"""The pages of what is kept: one asks, another approves in the browser, holds stand and fall, times are set."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.borrowers.models import ForgetRequest, LegalHold, RetentionRule
from tests.accounts import factories as people
from tests.borrowers.test_forgetting import again, of_long_ago

pytestmark = pytest.mark.django_db


def browser(role: str, everywhere: bool = False) -> Client:
    client = Client()
    people.signed_in(client, people.staff(role, None if everywhere else people.branch("JN")))
    return client


def test_a_borrower_who_is_due_is_asked_for_by_one_and_approved_by_another() -> None:
    borrower, one, other = of_long_ago(), browser(Role.COMPLIANCE_OFFICER), browser(Role.HEAD_OF_CREDIT)
    assert borrower.legal_name in one.get(reverse("console:privacy")).content.decode()
    assert one.post(reverse("console:forget_ask", args=[borrower.pk]), {"cause": "due"}).status_code == 302
    asked = ForgetRequest.objects.get()
    approve = reverse("console:forget_approve", args=[asked.uuid])
    assert approve not in one.get(reverse("console:privacy")).content.decode()
    assert one.post(approve).status_code == 403
    assert approve in other.get(reverse("console:privacy")).content.decode()
    assert "Destroy the keys" in other.get(approve).content.decode()
    assert other.post(approve).status_code == 302
    assert again(borrower).forgotten_at is not None
    page = other.get(reverse("console:privacy")).content.decode()
    assert "1 key destroyed" in page
    shown = one.get(reverse("borrowers:borrower", args=[borrower.pk]))
    assert "Keys, names and files are gone." in shown.content.decode()


def test_what_keeps_a_borrower_stands_above_the_form() -> None:
    borrower, one = of_long_ago(), browser(Role.COMPLIANCE_OFFICER)
    one.post(reverse("console:hold_place", args=[borrower.pk]), {"why": "Proceedings (2026) 17"})
    refused = one.post(reverse("console:forget_ask", args=[borrower.pk]), {"cause": "due"})
    assert refused.status_code == 403
    assert "A legal hold stands." in refused.content.decode()
    assert "Proceedings (2026) 17" in one.get(reverse("borrowers:borrower", args=[borrower.pk])).content.decode()


def test_a_hold_is_lifted_by_another() -> None:
    borrower, one, other = of_long_ago(), browser(Role.COMPLIANCE_OFFICER), browser(Role.COMPLIANCE_OFFICER)
    one.post(reverse("console:hold_place", args=[borrower.pk]), {"why": "Proceedings"})
    lift = reverse("console:hold_lift", args=[LegalHold.objects.get().uuid])
    assert one.post(lift).status_code == 403
    assert other.get(lift).status_code == 200
    assert other.post(lift).status_code == 302
    assert other.get(lift).status_code == 404


def test_a_request_is_refused_from_the_page() -> None:
    borrower, one = of_long_ago(), browser(Role.COMPLIANCE_OFFICER)
    one.post(reverse("console:forget_ask", args=[borrower.pk]), {"cause": "asked"})
    refuse = reverse("console:forget_refuse", args=[ForgetRequest.objects.get().uuid])
    assert one.get(refuse).status_code == 200
    assert one.post(refuse).status_code == 302
    assert ForgetRequest.objects.get().outcome == "refused"


def test_times_of_keeping_are_set_on_their_page_and_no_others_exist() -> None:
    head = browser(Role.HEAD_OF_CREDIT, everywhere=True)
    page = reverse("console:retention", args=["personal"])
    assert head.get(page).status_code == 200
    assert head.post(page, {"months": "72", "basis": "law"}).status_code == 302
    assert RetentionRule.objects.get().months == 72
    assert head.post(page, {"months": "0", "basis": "law"}).status_code == 400
    assert head.get(reverse("console:retention", args=["public"])).status_code == 404
    assert browser(Role.COMPLIANCE_OFFICER).get(page).status_code == 403


def test_a_head_of_one_branch_is_told_at_the_door_that_the_rule_is_not_theirs() -> None:
    page = reverse("console:retention", args=["personal"])
    near = browser(Role.HEAD_OF_CREDIT)
    for answer in (near.get(page), near.post(page, {"months": "72", "basis": "law"})):
        assert answer.status_code == 403
        assert "all branches" in answer.content.decode()
    assert not RetentionRule.objects.exists()
    assert page not in near.get(reverse("console:privacy")).content.decode()
    assert browser(Role.HEAD_OF_CREDIT, everywhere=True).get(page).status_code == 200


def test_the_privacy_pages_are_not_for_everybody() -> None:
    assert browser(Role.LOAN_OFFICER).get(reverse("console:privacy")).status_code == 403
