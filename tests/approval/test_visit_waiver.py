"""The credit policy may let small loans go without a visit; the waiver is named in the memo and in the log."""

import json
from decimal import Decimal

import pytest

from apps.applications.guards import visit_waived
from apps.applications.ports import always_visited
from apps.approval.selectors.pages import memo_open
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core.errors import Refused
from apps.workflow.models import LoanCase
from tests.applications.factories import again, case_accepted, visited
from tests.approval.factories import ONE, approver, live, policy
from tests.borrowers import factories as borrowers
from tests.credit_review.factories import analyst, recommended
from tests.worlds import once_a_module

SMALL = Decimal(80_000)
world = once_a_module(lambda: case_accepted(amount=SMALL, visit=False))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def case(world: LoanCase, db: None) -> LoanCase:
    """A small case in credit review whose business nobody has visited; there is no policy yet."""
    return again(world)


def waivers() -> list[dict[str, object]]:
    """Bodies of the events of waivers."""
    return [json.loads(event.body) for event in AuditEvent.objects.filter(action=Tag.POLICY_WAIVED)]


def sent_on(case: LoanCase) -> LoanCase:
    """The case after its analyst has recommended it."""
    return recommended(analyst(case), case)


def test_up_to_the_policys_amount_a_case_is_recommended_without_a_visit_and_the_memo_says_so(case: LoanCase):
    held = policy(visit_free_up_to=SMALL)
    case = sent_on(case)
    assert case.state == "approval"
    [waiver] = live(case).content.reveal()["extra"]["waivers"]
    assert waiver == {"guard": "visit_fresh", "up_to": "80000", "amount": "80000", "policy": held.version}
    [event] = waivers()
    assert (event["case"], event["policy"]) == (case.number, str(held.version))
    assert event["note"] == {"guard": "visit_fresh", "up_to": "80000", "amount": "80000", "currency": "CNY"}
    shown = memo_open(approver(ONE), case, live(case)).waivers
    assert [(each.policy, each.up_to, each.amount) for each in shown] == [(held.version, SMALL, SMALL)]


@pytest.mark.parametrize("free", [None, SMALL - 1])
def test_above_it_or_without_one_the_business_is_visited(free: Decimal | None, case: LoanCase):
    policy(visit_free_up_to=free)
    with pytest.raises(Refused) as refused:
        sent_on(case)
    assert refused.value.guard == "visit_fresh"
    assert waivers() == []


def test_a_case_that_was_visited_needs_no_waiver(case: LoanCase):
    policy(visit_free_up_to=SMALL)
    visited(borrowers.officer(case.branch), case)
    case = sent_on(again(case))
    assert "waivers" not in live(case).content.reveal()["extra"]
    assert waivers() == []


def test_an_amount_in_another_currency_waives_nothing(case: LoanCase):
    policy(visit_free_up_to=SMALL)
    assert visit_waived(case) is not None
    case.currency = "USD"
    assert visit_waived(case) is None


def test_before_there_is_a_policy_every_business_is_visited(case: LoanCase):
    assert visit_waived(case) is None
    assert always_visited(case) is None
