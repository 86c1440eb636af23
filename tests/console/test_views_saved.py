"""Saved views of the queue and of all cases: whose they are, what opens by itself, whom a lead shares them with."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.console.models import SavedFilter, Shelf
from apps.console.saved import MOST, Keeping, filter_change, filter_save, views_of
from apps.core.errors import BadInput, NotVisible, Refused
from tests.accounts import factories as people
from tests.workflow import factories
from tests.worlds import once_a_module

WORK, CASES = reverse("console:work"), reverse("workflow:cases")
LARGE = "tab=branch&grade=A&sort=largest"


def built() -> dict[str, Account]:
    """People of two branches, and a case to look at."""
    home, away = people.branch("JN"), people.branch("QD")
    made = {
        "officer": factories.worker(branch=home), "lead": factories.worker(Role.TEAM_LEAD, home), "stranger": factories.worker(branch=away),
        "head": people.staff(Role.HEAD_OF_CREDIT), "auditor": people.staff(Role.AUDITOR, home),
    }  # fmt: skip
    factories.case(made["officer"], branch=home)
    return made


who = once_a_module(built)
pytestmark = [pytest.mark.usefixtures("who"), pytest.mark.django_db]


def browser(account: Account) -> Client:
    """A client of somebody who is signed in."""
    client = Client()
    people.signed_in(client, account)
    return client


def text(client: Client, url: str) -> str:
    """Text of a page that answers 200."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def kept(
    account: Account, name: str = "Big A", query: str = LARGE, page: str = Shelf.WORK, **more: object
) -> SavedFilter:
    """Keep a view through its service."""
    keeping = Keeping(name, **more)  # type: ignore[arg-type]
    return filter_save(actor=people.actor_for(account), query=query, keeping=keeping, page=page)


def test_a_view_keeps_tab_filters_and_order_and_nothing_else(who: dict[str, Account]) -> None:
    client = browser(who["officer"])
    assert "You have saved no view yet" in text(client, WORK)
    new = reverse("console:view_new", args=["work"])
    asked = f"{new}?sort=largest&grade=A&tab=branch&cursor=abc&stage=nonsense&overdue=&x=1"
    assert client.post(asked, {"name": " "}).status_code == 400
    assert client.post(asked, {"name": "Big A"})["Location"] == f"{WORK}?{LARGE}"
    shown = text(client, f"{WORK}?{LARGE}")
    assert 'href="?tab=branch&amp;grade=A&amp;sort=largest" aria-current="page">Big A' in shown
    assert "Big A" not in text(client, CASES), "a view belongs to its page"
    assert "Big A" not in text(browser(who["stranger"]), WORK)
    assert AuditEvent.objects.filter(action=Tag.FILTER_SAVED, outcome="done").exists()


def test_the_default_opens_with_the_page_and_every_tab_stays_in_reach(who: dict[str, Account]) -> None:
    client, first = browser(who["officer"]), kept(who["officer"], is_default=True)
    assert client.get(WORK)["Location"] == f"{WORK}?{LARGE}"
    assert client.get(f"{WORK}?tab=mine").status_code == 200
    kept(who["officer"], "Other", "tab=free", is_default=True)
    assert client.get(WORK)["Location"] == f"{WORK}?tab=free"
    first.refresh_from_db()
    assert not first.is_default, "there is one default a page"
    assert client.get(CASES).status_code == 200
    kept(who["officer"], "Newest A", "grade=A", Shelf.CASES, is_default=True)
    assert client.get(CASES)["Location"] == f"{CASES}?grade=A"
    assert 'href="?sort=newest">Clear' in text(client, f"{CASES}?grade=A"), (
        "what clears the filters leads past the default"
    )


def test_a_view_that_becomes_the_default_later_takes_it_from_the_other(who: dict[str, Account]) -> None:
    first, second = kept(who["officer"], is_default=True), kept(who["officer"], "Free", "tab=free")
    actor = people.actor_for(who["officer"])
    filter_change(actor=actor, uuid=second.uuid, keeping=Keeping("Free", is_default=True))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    kept(who["officer"], "Big A", LARGE, is_default=True)
    second.refresh_from_db()
    assert not second.is_default, "one that is kept anew under its name becomes it, too"


def test_a_view_is_renamed_and_deleted_by_its_owner_alone(who: dict[str, Account]) -> None:
    client, saved = browser(who["officer"]), kept(who["officer"])
    kept(who["officer"], "Taken", "tab=free")
    edit, gone = (reverse(f"console:{name}", args=[saved.uuid]) for name in ("view_edit", "view_gone"))
    assert 'value="Big A"' in text(client, edit)
    assert "Choose a name that is free" in client.post(edit, {"name": "Taken"}).content.decode()
    assert client.post(edit, {"name": "Very big"})["Location"] == reverse("console:views", args=["work"])
    assert "Very big" in text(client, reverse("console:views", args=["work"]))
    other = browser(who["lead"])
    assert (other.get(edit).status_code, other.post(gone).status_code) == (404, 404)
    assert client.post(gone).status_code == 302
    assert not SavedFilter.objects.filter(pk=saved.pk).exists()


def test_a_lead_shares_with_a_branch_and_only_that_branch_reads_it(who: dict[str, Account]) -> None:
    lead = browser(who["lead"])
    new = f"{reverse('console:view_new', args=['work'])}?{LARGE}"
    home, away = people.branch("JN"), people.branch("QD")
    assert lead.post(new, {"name": "Our large ones", "branch": away.pk}).status_code == 400, (
        "not the lead's to share with"
    )
    assert lead.post(new, {"name": "Our large ones", "branch": home.pk}).status_code == 302
    assert "Our large ones" in text(browser(who["officer"]), WORK)
    assert "Our large ones" in text(browser(who["head"]), WORK), "who sees all branches sees their views"
    assert "Our large ones" not in text(browser(who["stranger"]), WORK)
    assert 'name="branch"' not in text(browser(who["officer"]), new), "who leads nobody shares with nobody"


@pytest.mark.parametrize(("role", "refusal"), [("officer", Refused), ("lead", NotVisible)])
def test_sharing_is_refused_by_the_service_too(who: dict[str, Account], role: str, refusal: type[Refused]) -> None:
    branch = people.branch("QD")
    with pytest.raises(refusal):
        kept(who[role], branch=branch)
    saved = kept(who[role])
    with pytest.raises(refusal):
        filter_change(actor=people.actor_for(who[role]), uuid=saved.uuid, keeping=Keeping("Big A", branch=branch))
    assert AuditEvent.objects.filter(outcome="refused").exists()


def test_the_twenty_first_view_is_refused_and_an_old_name_is_not_a_new_one(who: dict[str, Account]) -> None:
    for number in range(MOST):
        kept(who["officer"], f"View {number}")
    with pytest.raises(BadInput, match="twenty"):
        kept(who["officer"], "One more")
    kept(who["officer"], "View 3", "tab=free")
    kept(who["officer"], "Cases have their own twenty", "grade=A", Shelf.CASES)


@pytest.mark.parametrize("query", ["", "?sort=nonsense", "?stage=x&grade=Z"])
def test_a_view_of_nothing_chosen_is_not_kept(who: dict[str, Account], query: str) -> None:
    answer = browser(who["auditor"]).post(reverse("console:view_new", args=["cases"]) + query, {"name": "All"})
    assert answer.status_code == 400
    assert "Choose at least one filter" in answer.content.decode()


def test_there_are_no_views_of_other_pages(who: dict[str, Account]) -> None:
    client = browser(who["auditor"])
    for page in ("audit", "payments"):
        assert client.get(reverse("console:views", args=[page])).status_code == 404


@pytest.mark.unrecorded
def test_a_question_to_the_log_is_shared_with_nobody_whoever_writes_it(who: dict[str, Account]) -> None:
    saved = kept(who["auditor"], page=Shelf.AUDIT)
    saved.branch = people.branch("JN")
    with pytest.raises(IntegrityError), transaction.atomic():
        saved.save()


def test_views_that_are_shared_cost_one_question_however_many(
    who: dict[str, Account], django_assert_max_num_queries: object
) -> None:
    actor = people.actor_for(who["officer"])
    for number in range(3):
        kept(who["lead"], f"Shared {number}", branch=people.branch("JN"))
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        assert len(views_of(actor, Shelf.WORK).shared) == 3
