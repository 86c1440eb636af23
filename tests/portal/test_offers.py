"""The case page and the offer in plain words: what was asked beside what is offered, what happened, and what comes by when."""

from __future__ import annotations

import html
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.approval.models import Offer
from apps.core import clock, figures
from apps.portal.history import HAPPENED, coming, happened, to_be_met
from apps.portal.offers import compared, interest_of
from apps.workflow.models import Facility, LoanCase
from apps.workflow.process import Event
from tests.approval import factories as approval
from tests.portal.factories import entered
from tests.worlds import once_a_module

offered = once_a_module(approval.case_offered)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
INSIDE = ("recommend", "grade", "score", "sign", "memo", "escalate", "claim")


def words(client: Client, case: LoanCase, name: str = "case") -> str:
    return html.unescape(client.get(reverse(f"portal:{name}", args=[case.number])).content.decode())


def test_the_offer_stands_beside_what_was_asked(client: Client, offered: LoanCase) -> None:
    offer = Offer.objects.get(case=offered)
    line = compared(offered, offer)[0]
    assert line.asked == Facility.objects.get(case=offered).amount
    assert line.first is not None
    assert interest_of([line]) > 0
    entered(client, offered)
    for name in ("case", "accept", "negotiate"):
        text = words(client, offered, name)
        assert "You asked" in text, name
        assert figures.amount(line.first, offer.currency) in text, name


@pytest.mark.unrecorded
@pytest.mark.parametrize(("amount", "term"), [(Decimal("0.5"), 0), (Decimal(1), 6)])
def test_what_differs_is_said(client: Client, offered: LoanCase, amount: Decimal, term: int) -> None:
    offer = Offer.objects.get(case=offered)
    terms = offer.terms["facilities"][0]
    terms |= {"amount": str(Decimal(terms["amount"]) * amount), "term": terms["term"] + term}
    offer.save()
    line = compared(offered, offer)[0]
    assert (line.amount_differs, line.term_differs) == (amount != 1, term != 0)
    entered(client, offered)
    text = words(client, offered)
    assert "differs" in text
    assert "Ask a person to look again" in text


@pytest.mark.unrecorded
def test_a_revolving_limit_has_no_instalments_to_name(offered: LoanCase) -> None:
    Facility._base_manager.filter(case=offered).update(kind="revolving")
    line = compared(offered, Offer.objects.get(case=offered))[0]
    assert (line.first, line.interest) == (None, None)


def test_what_happened_is_told_with_dates_and_without_what_is_inside(client: Client, offered: LoanCase) -> None:
    labels = [str(label) for label, _at in happened(offered)]
    assert labels[0] == "Offer made"
    assert labels[-1] == "Application sent"
    assert not {Event.CLAIM, Event.RECOMMEND_SECURED, Event.SIGN, Event.ESCALATE, Event.SEND_BACK} & set(HAPPENED)
    entered(client, offered)
    assert "So far" in words(client, offered)


@pytest.mark.unrecorded
def test_what_comes_is_named_by_its_day(offered: LoanCase) -> None:
    assert coming(offered) == []
    offered.state = "intake"
    offered.submitted_at = clock.now()
    assert [each.is_yours for each in coming(offered)] == [False]
    offered.state = "draft"
    assert [each.is_yours for each in coming(offered)] == [True]
    offered.state = "conditions"
    assert {status for _text, status, _day in to_be_met(offered)} <= {"open", "later"}
    offered.state = "offered"


def test_withdrawing_says_what_it_means(client: Client, offered: LoanCase) -> None:
    entered(client, offered)
    text = words(client, offered, "withdraw")
    assert "Our offer ends with it." in text
    assert "You can apply again at any time" in text
