"""An application made in the portal, step by step: kept at every step, held to the product, sent by who signs."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import Role
from apps.applications.facts import consent_kinds
from apps.applications.models import Application, Consent, Declaration, Document
from apps.audit.body import Purpose
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower, Interest, Party
from apps.borrowers.services import borrower_freeze
from apps.portal import services, wizard
from apps.workflow.models import CaseStep, LoanCase
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.borrowers import factories as businesses
from tests.portal import factories as portal
from tests.workflow import factories

pytestmark = pytest.mark.django_db
START = reverse("portal:apply")
KEEP = {"x-keep": "1"}


def at(case: LoanCase, name: str, *more: Any) -> str:
    """Address of a step."""
    return reverse(f"portal:apply_{name}", args=[case.number, *more])


def again(case: LoanCase) -> LoanCase:
    """The case as it stands."""
    return applications.again(case)


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


def begun(client: Client, borrower: Borrower, amount: str = "300,000", months: str = "24") -> LoanCase:
    """Begin an application on the first page."""
    product = factories.product()
    data = {"borrower": borrower.pk, "product": product.pk, "amount": amount, "term_months": months}
    answer = client.post(START, data)
    assert answer.status_code == 302, words(answer)
    case = LoanCase.objects.latest("id")
    assert answer["Location"] == at(case, "purpose")
    return case


def posted(client: Client, case: LoanCase, step: str, *more: Any, **data: Any) -> Any:
    """Post a step as its page was last shown."""
    return client.post(at(case, step, *more), {"version": again(case).version, **data})


def filled(client: Client, borrower: Borrower) -> LoanCase:
    """An application with everything but its consents and its declaration."""
    case = begun(client, borrower)
    answer = posted(client, case, "purpose", purpose="Flour for the winter.", repayment_source="Three chains of shops.")
    assert answer["Location"] == at(case, "business")
    return again(case)


def consented(client: Client, case: LoanCase) -> LoanCase:
    """The application with all its consents."""
    assert client.post(at(case, "consents"), dict.fromkeys(consent_kinds(), "on"))["Location"] == at(case, "send")
    return again(case)


def test_an_application_is_made_and_sent_by_the_signer_alone(client: Client) -> None:
    borrower = portal.applicant(client)
    case = consented(client, filled(client, borrower))
    assert (case.holder_id, case.branch_id) == (None, borrower.branch_id)
    page = client.get(at(case, "send"))
    assert "Flour for the winter." in words(page)
    assert "Before you can send it" not in words(page)
    assert posted(client, case, "send").status_code == 400, "the declaration is ticked on purpose"
    answer = posted(client, case, "send", declared="on")
    assert answer["Location"] == reverse("portal:case", args=[case.number])
    case = again(case)
    assert (case.state, case.missing) == (State.INTAKE, ["checklist_complete", "identity_checked"])
    signer = Party.objects.get(borrower=borrower)
    assert set(Consent.objects.filter(case=case).values_list("party", "how")) == {(signer.pk, "portal")}
    assert Declaration.objects.get(case=case).party == signer
    assert list(CaseStep.objects.filter(case=case).values_list("event", flat=True)) == [
        "create_online",
        "submit_online",
    ]
    event = AuditEvent.objects.get(action="workflow.submitted")
    assert (event.outcome, '"actor":"borrower"' in event.body) == ("done", True)
    assert client.get(at(case, "loan"))["Location"] == reverse("portal:case", args=[case.number])


def test_the_first_page_offers_own_businesses_and_open_drafts(client: Client) -> None:
    stranger, borrower = businesses.borrower(), portal.applicant(client)
    text = words(client.get(START))
    assert borrower.legal_name in text
    assert stranger.legal_name not in text
    assert "10,000 to 5,000,000 CNY, 3 to 60 months" in text
    case = begun(client, borrower)
    assert at(case, "send") in words(client.get(START))
    assert at(case, "send") in words(client.get(reverse("portal:home")))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "9,999"), ("amount", "5,000,001"), ("amount", "-1"), ("amount", "a lot"), ("amount", "20000.005"), ("amount", "9" * 40),
        ("amount", ""), ("term_months", "2"), ("term_months", "61"), ("term_months", "x"), ("product", "999"), ("product", ""),
        ("borrower", "999999"), ("borrower", ""),
    ],
)  # fmt: skip
def test_a_request_outside_the_product_is_told_beside_its_field(client: Client, field: str, value: str) -> None:
    borrower = portal.applicant(client)
    data = {
        "borrower": borrower.pk,
        "product": factories.product().pk,
        "amount": "20000",
        "term_months": "12",
        field: value,
    }
    answer = client.post(START, data)
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in words(answer)
    assert "error-summary" in words(answer)
    assert not LoanCase.objects.exists()


def test_the_draft_knows_the_products_limits_too(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    answer = posted(client, case, "loan", amount="5,000,001", term_months="61")
    assert answer.status_code == 400
    assert "This loan is for 10,000 to 5,000,000 CNY." in words(answer)
    assert "This loan runs for 3 to 60 months." in words(answer)
    assert "5,000,001" in words(answer), "what was typed stays"
    assert posted(client, case, "loan", amount="40,000.50", term_months="36").status_code == 302
    assert again(case).amount_asked == Decimal("40000.50")


def test_a_business_of_somebody_else_gets_no_application(client: Client) -> None:
    portal.applicant(client)
    stranger = businesses.borrower()
    data = {"borrower": stranger.pk, "product": factories.product().pk, "amount": "20000", "term_months": "12"}
    assert client.post(START, data).status_code == 400
    account = people.borrower_account()
    with pytest.raises(services.NotVisible):
        services.application_begin(
            actor=people.actor_for(account),
            borrower=stranger,
            product=factories.product(),
            amount=Decimal(20000),
            term_months=12,
        )


STEPS = ("loan", "purpose", "business", "people", "person_add", "documents", "consents", "send")


def test_no_step_of_anothers_draft_is_there(client: Client) -> None:
    other = Client()
    case = begun(other, portal.applicant(other))
    party = Party.objects.get(borrower=case.borrower)
    interest = Interest.objects.filter(party=party).first()
    assert interest is not None
    portal.applicant(client)
    addresses = [at(case, name) for name in STEPS]
    addresses += [at(case, "person", party.pk), at(case, "part_add", party.pk), at(case, "part_end", interest.pk)]
    for address in addresses:
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"version": case.version}).status_code == 404, address
        assert client.post(address, {"version": case.version}, headers=KEEP).status_code == 404, address


def test_staff_make_no_application_here(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    people.signed_in(client, factories.worker(Role.LOAN_OFFICER))
    for address in (START, at(case, "send"), at(case, "business")):
        assert client.post(address).status_code == 403


def test_people_of_another_business_are_out_of_reach(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    foreign = businesses.party(businesses.officer(), businesses.borrower())
    assert client.get(at(case, "person", foreign.pk)).status_code == 404
    assert client.get(at(case, "part_add", foreign.pk)).status_code == 404


def test_what_is_typed_is_kept_while_it_is_half_filled(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    version = again(case).version
    told = client.post(at(case, "purpose"), {"version": version, "purpose": "Flour"}, headers=KEEP).json()
    assert told == {"kept": True, "version": again(case).version}
    assert Application.objects.get(case=case).purpose.reveal() == "Flour"
    assert "Flour" in words(client.get(at(case, "purpose")))
    stale = client.post(at(case, "purpose"), {"version": version, "purpose": "Older"}, headers=KEEP).json()
    assert stale == {"kept": False}
    assert Application.objects.get(case=case).purpose.reveal() == "Flour"


def test_one_wrong_field_keeps_no_other_from_being_kept(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    data = {"legal_name": case.borrower.legal_name, "identifier_kind": "uscc", "identifier": "91370100MA3XXXXXXX", "industry": "3118 bakeries",
            "employees": "many", "founded_on": "2018-05-04"}  # fmt: skip
    told = client.post(at(case, "business"), {"version": case.version, **data}, headers=KEEP).json()
    assert told["kept"] is True
    borrower = Borrower.objects.get(pk=case.borrower_id)
    assert (borrower.industry, borrower.employees) == ("3118 bakeries", 34)
    assert borrower.identifier.reveal() == case.borrower.identifier.reveal()


@pytest.mark.parametrize("data", [{}, {"version": "x"}, {"version": "1" * 400}, {"version": "1", "purpose": "nul\x00"}])
def test_damaged_drafts_change_nothing(client: Client, data: dict[str, str]) -> None:
    case = begun(client, portal.applicant(client))
    assert client.post(at(case, "purpose"), data, headers=KEEP).json() == {"kept": False}


def test_keep_for_later_takes_a_half_filled_step_and_leads_home(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    strict = posted(client, case, "purpose", purpose="Flour", repayment_source="")
    assert strict.status_code == 400
    assert 'href="#id_repayment_source"' in words(strict)
    answer = posted(client, case, "purpose", purpose="Flour", repayment_source="", later="1")
    assert answer["Location"] == reverse("portal:home")
    assert Application.objects.get(case=case).purpose.reveal() == "Flour"


def test_a_wrong_identifier_is_explained(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    answer = posted(client, case, "business", legal_name="Songhua", identifier_kind="uscc", identifier="91370100MA3000001X",
                    industry="Bakery", founded_on="2018-01-01", employees="12")  # fmt: skip
    assert answer.status_code == 400
    assert 'id="id_identifier_error"' in words(answer)
    assert "91370100MA3000001X" in words(answer)


def test_steps_say_what_they_miss_and_what_is_stored_is_masked(client: Client) -> None:
    borrower = portal.applicant(client)
    case = begun(client, borrower)
    text = words(client.get(at(case, "send")))
    assert "Describe what the loan is for." in text
    assert "Consent is missing" in text
    for name in ("business", "people", "send"):
        shown = words(client.get(at(case, name)))
        assert borrower.identifier.reveal() not in shown
        assert Party.objects.get(borrower=borrower).id_number.reveal() not in shown
    assert borrower.identifier.masked in text


def test_people_are_entered_with_their_parts_and_guarantors_are_not(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    known = businesses.person()
    data = {
        "name": known.name,
        "id_kind": "ric",
        "id_number": known.id_number,
        "kind": ["signer"],
        "authority": "resolution",
    }
    assert posted(client, case, "person_add", **{**data, "kind": ["guarantor"]}).status_code == 400
    assert posted(client, case, "person_add", **{**data, "id_number": ""}).status_code == 400
    assert posted(client, case, "person_add", **data)["Location"] == at(case, "people")
    added = Party.objects.filter(borrower=case.borrower).latest("id")
    assert added.name.masked in words(client.get(at(case, "people")))
    assert posted(client, case, "part_add", added.pk, kind="guarantor").status_code == 400
    assert posted(client, case, "part_add", added.pk, kind="legal_representative").status_code == 302
    assert posted(client, case, "person", added.pk, id_kind="ric", phone="+8613812345678").status_code == 302
    part = Interest.objects.get(party=added, kind="signer")
    assert "no longer" in words(client.get(at(case, "part_end", part.pk)))
    assert posted(client, case, "part_end", part.pk).status_code == 302
    assert client.get(at(case, "part_end", part.pk)).status_code == 404
    assert posted(client, case, "person", added.pk, id_kind="ric", id_number="370102198003070000").status_code == 400


def test_documents_are_handed_in_and_opened_again_by_the_business_only(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    assert "Business licence" in words(client.get(at(case, "documents")))
    file = SimpleUploadedFile("licence.png", applications.png().getvalue(), content_type="image/png")
    assert client.post(at(case, "documents"), {"code": "licence", "file": file}).status_code == 302
    document = Document.objects.get(case=case)
    opened = reverse("portal:own_document", args=[case.number, document.pk])
    assert opened in words(client.get(at(case, "documents")))
    shown = client.get(opened)
    assert client.get(shown.context["paper"].pages[0].url).content.startswith(b"\xff\xd8")
    assert AuditEvent.objects.filter(action="applications.document_opened").count() == 1
    taken = client.get(reverse("portal:own_document_file", args=[case.number, document.pk]))
    assert b"".join(taken).startswith(b"\x89PNG")
    bad = SimpleUploadedFile("licence.html", b"<script>alert(1)</script>")
    assert client.post(at(case, "documents"), {"code": "licence", "file": bad}).status_code == 400
    stranger = Client()
    portal.applicant(stranger)
    assert stranger.get(opened).status_code == 404


def test_a_paper_that_staff_attached_is_not_opened_here(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    inner = applications.document(businesses.officer(), again(case), "other")
    assert client.get(reverse("portal:own_document", args=[case.number, inner.pk])).status_code == 404


def test_consents_are_given_one_by_one_and_taken_back(client: Client) -> None:
    case = filled(client, portal.applicant(client))
    first, *others = consent_kinds()
    page = words(client.get(at(case, "consents")))
    assert "checked" not in page.replace("form-check", ""), "nothing is ticked beforehand"
    assert client.post(at(case, "consents"), {first: "on"}).status_code == 302
    given = Consent.objects.get(case=case)
    assert (given.kind, given.how) == (first, "portal")
    assert len(services.consents_missing(case)) == len(others)
    back = reverse("portal:consent_withdraw", args=[case.number, given.pk])
    assert client.post(back, {"version": again(case).version}).status_code == 400, "said on purpose"
    assert client.post(back, {"version": again(case).version, "sure": "on"}).status_code == 302
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert again(case).state == State.DRAFT


def test_who_does_not_sign_neither_consents_nor_declares(client: Client) -> None:
    """An owner fills everything in; the signer gives their word with an account of their own, or on paper."""
    first = Client()
    case = consented(first, filled(first, portal.applicant(first)))
    officer = businesses.officer(case.branch)
    owner = businesses.party(officer, case.borrower)
    portal.entered(client, case, owner)
    page = words(client.get(at(case, "send")))
    assert "A signer of the business declares" in page
    answer = posted(client, case, "send", declared="on")
    assert answer.status_code == 400
    assert again(case).state == State.DRAFT
    assert "Ask your branch to invite them" not in words(client.get(at(case, "consents"))), "all are given already"
    nobody = Client()
    portal.entered(nobody, case)
    refused = posted(nobody, case, "send", declared="on")
    assert refused.status_code == 403
    assert "not yet tied to a person" in words(refused)


def test_a_consent_of_another_person_is_not_taken_back(client: Client) -> None:
    first = Client()
    case = consented(first, filled(first, portal.applicant(first)))
    owner = businesses.party(businesses.officer(case.branch), case.borrower)
    portal.entered(client, case, owner)
    given = Consent.objects.filter(case=case).first()
    assert given is not None
    address = reverse("portal:consent_withdraw", args=[case.number, given.pk])
    assert address not in words(client.get(reverse("portal:case", args=[case.number])))
    assert client.post(address, {"version": again(case).version, "sure": "on"}).status_code == 400
    assert client.post(reverse("portal:consent_withdraw", args=[case.number, 999999])).status_code == 404


def test_a_consent_taken_back_ends_a_sent_application(client: Client) -> None:
    factories.reason("withdraw")
    case = consented(client, filled(client, portal.applicant(client)))
    assert posted(client, case, "send", declared="on").status_code == 302
    given = Consent.objects.filter(case=case).first()
    assert given is not None
    address = reverse("portal:consent_withdraw", args=[case.number, given.pk])
    assert "your application ends" in words(client.get(address))
    data = {"version": again(case).version, "sure": "on", "reason": "withdraw-reason"}
    assert client.post(address, data).status_code == 302
    assert again(case).state == State.WITHDRAWN
    assert AuditEvent.objects.filter(action="workflow.consent_withdrawn").exists()


def test_a_change_after_the_declaration_asks_for_it_anew(client: Client) -> None:
    case = consented(client, filled(client, portal.applicant(client)))
    version = again(case).version
    assert posted(client, case, "purpose", purpose="Ovens.", repayment_source="Shops.").status_code == 302
    stale = client.post(at(case, "send"), {"version": version, "declared": "on"})
    assert stale.status_code == 409
    assert again(case).state == State.DRAFT


def test_an_incomplete_application_is_not_sent_and_nothing_of_it_stays(client: Client) -> None:
    case = begun(client, portal.applicant(client))
    answer = posted(client, case, "send", declared="on")
    assert answer.status_code == 403
    assert "Describe what the loan is for." in words(answer)
    assert not Declaration.objects.exists()


def test_drafts_of_a_business_are_limited(client: Client) -> None:
    borrower = portal.applicant(client)
    for _each in range(services.MOST_DRAFTS):
        begun(client, borrower)
    data = {"borrower": borrower.pk, "product": factories.product().pk, "amount": "20000", "term_months": "12"}
    answer = client.post(START, data)
    assert answer.status_code == 403
    assert "open already" in words(answer)
    assert LoanCase.objects.count() == services.MOST_DRAFTS


def test_a_frozen_business_begins_nothing(client: Client) -> None:
    borrower = portal.applicant(client)
    factories.reason("freeze", "suspicion")
    keeper = businesses.actor_of(Role.COMPLIANCE_OFFICER)
    borrower_freeze(actor=keeper, borrower=borrower, reason=Purpose("suspicion"))
    data = {"borrower": borrower.pk, "product": factories.product().pk, "amount": "20000", "term_months": "12"}
    assert client.post(START, data).status_code == 403


def test_who_acts_for_nothing_is_told_what_to_do(client: Client) -> None:
    people.signed_in(client, people.borrower_account())
    assert "nothing to apply for" in words(client.get(START))
    assert START not in words(client.get(reverse("portal:home")))


def test_the_steps_are_in_order_and_every_one_has_a_page() -> None:
    names = [name for name, _title in wizard.STEPS]
    assert names[0] == "loan"
    assert names[-1] == "send"
    case = LoanCase(number="LF-2026-000001")
    assert all(wizard.step_url(case, name).endswith(f"/{name}/") for name in names)
    assert wizard.url_beside(case, "loan", -1) == ""
    assert wizard.url_beside(case, "send", 1) == ""
    assert wizard.url_beside(case, "consents", 1) == wizard.step_url(case, "send")


def test_the_cost_is_bounded(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    case = consented(client, filled(client, portal.applicant(client)))
    for name in ("loan", "purpose", "business", "people", "documents", "consents", "send"):
        client.get(at(case, name))
        with django_assert_max_num_queries(27):  # two of them are the test's own savepoint
            client.get(at(case, name))
