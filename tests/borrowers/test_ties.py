"""Ties of staff to businesses: declared for a colleague, listed, ended by another person with a reason."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.borrowers import services
from apps.borrowers.models import Borrower, StaffInterest
from apps.borrowers.policies import borrowers_tied_to
from apps.core.errors import BadInput, Refused
from tests.accounts import factories as people
from tests.borrowers import factories as f

pytestmark = pytest.mark.django_db
TIES = reverse("borrowers:ties")


@pytest.fixture
def keeper(client: Client) -> Account:
    """Return a compliance officer who has signed in."""
    made = f.account_of(Role.COMPLIANCE_OFFICER)
    people.signed_in(client, made)
    return made


@pytest.fixture
def colleague() -> Account:
    return f.account_of(Role.LOAN_OFFICER)


@pytest.fixture
def borrower() -> Borrower:
    return f.borrower()


def url(name: str, *rest: object) -> str:
    return reverse(f"borrowers:{name}", args=list(rest))


def test_a_mistaken_tie_is_declared_and_ended_by_two_people(
    client: Client, keeper: Account, colleague: Account, borrower: Borrower
) -> None:
    assert "No tie is declared" in client.get(TIES).content.decode()
    data = {"handle": colleague.handle.upper(), "kind": "relative"}
    assert client.post(url("tie_declare", borrower.pk), data).status_code == 302
    tie = StaffInterest.objects.get()
    assert borrowers_tied_to(colleague.person_id) == {borrower.pk}
    assert tie.declared_by_id == keeper.person_id
    page = client.get(TIES).content.decode()
    assert colleague.handle in page
    assert url("tie_end", borrower.pk, tie.pk) not in page, "who declared it does not end it"
    assert client.post(url("tie_end", borrower.pk, tie.pk), {"why": "A mistake."}).status_code == 403
    second = Client()
    people.signed_in(second, f.account_of(Role.HEAD_OF_CREDIT))
    assert url("tie_end", borrower.pk, tie.pk) in second.get(borrower.get_absolute_url()).content.decode()
    assert second.post(url("tie_end", borrower.pk, tie.pk), {"why": " "}).status_code == 400
    assert second.post(url("tie_end", borrower.pk, tie.pk), {"why": "Another person of that name."}).status_code == 302
    assert borrowers_tied_to(colleague.person_id) == frozenset()
    event = AuditEvent.objects.filter(action="borrowers.tie_ended", outcome="done").get()
    assert "Another person of that name." not in event.body, "the log holds a commitment"
    tie.refresh_from_db()
    assert tie.ended_why.words == "Another person of that name."
    assert second.post(url("tie_end", borrower.pk, tie.pk), {"why": "Again."}).status_code == 404


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"handle": "nobody-1", "kind": "own"}, "handle"),
        ({"handle": "", "kind": "own"}, "handle"),
        ({"kind": "friend"}, "kind"),
    ],
)
def test_a_tie_that_cannot_be_is_told_beside_the_field(
    client: Client, keeper: Account, borrower: Borrower, data: dict[str, str], field: str
) -> None:
    answer = client.post(url("tie_declare", borrower.pk), data)
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not StaffInterest.objects.exists()


@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.ADMINISTRATOR, Role.SECURITY_OFFICER])
def test_others_have_no_page_of_ties(client: Client, borrower: Borrower, role: Role) -> None:
    people.signed_in(client, f.account_of(role))
    for address in (TIES, url("tie_declare", borrower.pk), url("tie_end", borrower.pk, 1)):
        assert client.get(address).status_code == 403, address


def test_a_keepers_own_tie_is_out_of_their_sight(client: Client, keeper: Account, borrower: Borrower) -> None:
    tie = services.tie_declare(actor=people.actor_for(keeper), borrower=borrower, person=keeper.person, kind="own")
    assert borrower.legal_name not in client.get(TIES).content.decode()
    assert client.post(url("tie_end", borrower.pk, tie.pk), {"why": "Sold."}).status_code == 404


def test_a_tie_ends_with_a_reason_of_bounded_length(colleague: Account, borrower: Borrower) -> None:
    tie = services.tie_declare(
        actor=people.actor_for(colleague), borrower=borrower, person=colleague.person, kind="own"
    )
    keeper = f.actor_of(Role.COMPLIANCE_OFFICER)
    for why in ("", "x" * 301):
        with pytest.raises(BadInput):
            services.tie_end(actor=keeper, tie=tie, why=why)
    with pytest.raises(Refused):
        services.tie_end(actor=f.actor_of(Role.LOAN_OFFICER), tie=tie, why="Sold.")
    assert services.tie_end(actor=keeper, tie=tie, why="Sold.").ended_by_id == keeper.person_id
