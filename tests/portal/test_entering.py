"""A business that an applicant enters by themselves: a file of its own, nobody else's seen, and nothing counted before intake."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.accounts.services import places
from apps.applications import services as intake
from apps.applications.guards import applicants_confirmed
from apps.applications.models import DuplicateFinding
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower, BorrowerAccess, Interest
from apps.borrowers.services import access_end, business_enter
from apps.borrowers.services.entering import MOST_CLAIMS
from apps.core.errors import BadInput, NotVisible, Refused
from apps.workflow.models import LoanCase
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.accounts.factories import SETUP
from tests.applications import factories as applications
from tests.borrowers import factories as businesses
from tests.portal.test_wizard import at, begun, consented, posted
from tests.workflow import factories

pytestmark = pytest.mark.django_db
ENTER, START, HOME = (reverse(f"portal:{name}") for name in ("apply_business_new", "apply", "home"))


@pytest.fixture(autouse=True)
def is_open() -> None:
    """The institution lets everybody register."""
    people.branch()
    places.registration_switch(actor=SETUP, is_open=True)


@pytest.fixture
def account(client: Client) -> Account:
    """Who has registered and acts for nothing yet, signed in."""
    factories.product()
    made = people.borrower_account()
    people.signed_in(client, made)
    return made


def words(response: Any) -> str:
    """Text of a page."""
    return html.unescape(response.content.decode())


def entered(client: Client, identifier: str | None = None, **more: Any) -> Any:
    """Post the page of one's own business."""
    data = {"legal_name": "Songhua Noodles", "identifier_kind": "uscc", "identifier": businesses.uscc_number() if identifier is None else identifier,
            "branch": people.branch().pk}  # fmt: skip
    return client.post(ENTER, {**data, **more})


def sent(client: Client, identifier: str | None = None) -> LoanCase:
    """An application of a business that the signed-in applicant has entered: every part said by themselves, and sent."""
    assert entered(client, identifier).status_code == 302
    access = BorrowerAccess.objects.latest("id")
    case, party, facts = begun(client, access.borrower), access.party, businesses.business()
    assert party is not None
    data = {name: getattr(facts, name) for name in ("industry", "founded_on", "employees", "address", "phone")}
    steps: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
        ("purpose", (), {"purpose": "Flour.", "repayment_source": "Shops."}),
        ("business", (), {"legal_name": "Songhua Noodles", "identifier_kind": "uscc", **data}),
        ("person", (party.pk,), {"id_kind": "ric", "id_number": businesses.ric_number()}),
        *(("part_add", (party.pk,), part) for part in PARTS),
    ]
    for step, more, typed in steps:
        answer = posted(client, case, step, *more, **typed)
        assert answer.status_code == 302, words(answer)
    consented(client, case)
    answer = posted(client, case, "send", declared="on")
    assert answer.status_code == 302, words(answer)
    return applications.again(case)


PARTS = (
    {"kind": "owner", "share": "100"}, {"kind": "beneficial_owner", "share": "100"}, {"kind": "legal_representative"},
    {"kind": "signer", "authority": "law"},
)  # fmt: skip


def test_who_registered_enters_a_business_and_begins(client: Client, account: Account) -> None:
    assert ENTER in words(client.get(START))
    assert START in words(client.get(HOME))
    assert entered(client)["Location"] == START
    access = BorrowerAccess.objects.get(account=account)
    party = access.party
    assert party is not None
    assert (access.self_made, access.is_open_claim, party.name.reveal()) == (True, True, account.person.name.reveal())
    assert not Interest.objects.filter(party=party).exists(), "what part they play they say next"
    case = begun(client, access.borrower)
    assert (case.state, case.branch) == (State.DRAFT, people.branch())
    assert party.name.masked in words(client.get(at(case, "people")))


def test_a_known_identifier_is_neither_told_nor_joined_and_becomes_a_finding(client: Client, account: Account) -> None:
    known = businesses.borrower()
    secret = (known.legal_name, str(known.phone.masked), str(known.address.masked))
    fresh, same = entered(client), entered(client, identifier=str(known.identifier.reveal()))
    assert (same.status_code, same["Location"]) == (fresh.status_code, fresh["Location"])
    mine = BorrowerAccess.objects.filter(account=account).latest("id").borrower
    assert mine.pk != known.pk
    for page in (START, HOME):
        assert not [each for each in secret if each in words(client.get(page))]
    assert not BorrowerAccess.objects.filter(borrower=known).exists()


def test_the_finding_is_the_officers_and_the_case_waits_for_it(client: Client, account: Account) -> None:
    known = businesses.borrower()
    case = sent(client, identifier=str(known.identifier.reveal()))
    finding = DuplicateFinding.objects.get(case=case, kind="identifier")
    assert finding.other == known
    assert "duplicates_settled" in case.missing
    for page in (reverse("portal:case", args=[case.number]), at(case, "send"), HOME):
        shown = words(client.get(page, follow=True))
        assert known.legal_name not in shown
        assert known.reference not in shown


def test_an_application_sent_by_an_applicant_waits_until_the_person_is_confirmed(
    client: Client, account: Account
) -> None:
    case = sent(client)
    assert case.state == State.INTAKE
    assert {"identity_checked", "applicants_confirmed"} <= set(case.missing)
    officer = factories.worker(branch=case.branch)
    staff = Client()
    people.signed_in(staff, officer)
    access = BorrowerAccess.objects.get(account=account)
    page = reverse("applications:applicant", args=[case.number, access.pk])
    assert page in words(staff.get(reverse("applications:stage", args=[case.number])))
    assert "not confirmed" in words(staff.get(case.borrower.get_absolute_url()))
    assert staff.post(page, {"version": case.version}).status_code == 400
    assert staff.post(page, {"version": case.version, "how": "in_person"}).status_code == 302
    access.refresh_from_db()
    assert (access.is_open_claim, access.confirmed_how, access.confirmed_by_id) == (
        False,
        "in_person",
        officer.person_id,
    )
    assert "applicants_confirmed" not in applications.again(case).missing
    assert AuditEvent.objects.filter(action="borrowers.access_confirmed", case=case.number).count() == 1
    assert staff.post(page, {"version": applications.again(case).version, "how": "video"}).status_code == 403, "once"


def test_only_intake_of_the_branch_confirms_and_only_its_own_applicants(client: Client, account: Account) -> None:
    case = sent(client)
    access = BorrowerAccess.objects.get(account=account)
    for actor in (businesses.actor_of(Role.CREDIT_ANALYST), people.actor_for(account)):
        with pytest.raises(Refused):
            intake.applicant_confirm(actor=actor, case=case, access=access, how="video")
    with pytest.raises(NotVisible):
        intake.applicant_confirm(actor=businesses.officer(people.branch("B2")), case=case, access=access, how="video")
    officer = businesses.officer()
    with pytest.raises(BadInput):
        intake.applicant_confirm(actor=officer, case=case, access=access, how="by heart")
    entered(client)
    foreign = BorrowerAccess.objects.latest("id")
    with pytest.raises(NotVisible):
        intake.applicant_confirm(actor=officer, case=case, access=foreign, how="video")


def test_an_access_that_ended_is_no_claim_any_more(client: Client, account: Account) -> None:
    case = sent(client)
    officer = businesses.officer()
    assert applicants_confirmed(case, officer, {}) != []
    access_end(actor=officer, access=BorrowerAccess.objects.get(account=account))
    assert applicants_confirmed(case, officer, {}) == []


def test_three_businesses_may_wait_to_be_confirmed(client: Client, account: Account) -> None:
    statuses = [entered(client).status_code for _each in range(MOST_CLAIMS + 1)]
    assert statuses == [302] * MOST_CLAIMS + [403]
    assert BorrowerAccess.objects.filter(account=account).count() == MOST_CLAIMS


def test_the_same_business_of_ones_own_is_not_entered_twice(client: Client, account: Account) -> None:
    number = businesses.uscc_number()
    entered(client, identifier=number)
    answer = entered(client, identifier=number.lower())
    assert answer.status_code == 400
    assert "act for this business already" in words(answer)


@pytest.mark.parametrize(
    ("field", "value"),
    [("legal_name", ""), ("legal_name", "x" * 201), ("identifier", ""), ("identifier", "91370100MA3000001X"), ("branch", ""),
     ("branch", "999999"), ("identifier_kind", "passport"), ("legal_name", "nul\x00")],
)  # fmt: skip
def test_what_cannot_be_taken_is_told_beside_the_field(
    client: Client, account: Account, field: str, value: str
) -> None:
    answer = entered(client, **{field: value})
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in words(answer)
    assert not Borrower.objects.exists()


def test_where_registration_is_closed_nobody_enters_a_business(client: Client, account: Account) -> None:
    places.registration_switch(actor=SETUP, is_open=False)
    assert ENTER not in words(client.get(START))
    assert client.get(ENTER).status_code == 404
    with pytest.raises(Refused) as refused:
        business_enter(actor=people.actor_for(account), branch=people.branch(), data=businesses.business())
    assert refused.value.guard == "registration_closed"
    people.signed_in(client, factories.worker())
    assert client.get(ENTER).status_code == 403
