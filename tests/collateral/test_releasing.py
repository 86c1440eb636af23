"""Registration and release: our lien goes in before payout, and comes out by two people when nothing is owed."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError

from apps.access.roles import Role
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.collateral import registry, services
from apps.collateral.models import Asset
from apps.collateral.services import releasing
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused
from apps.workflow.models import LoanCase
from apps.workflow.registry import guards
from tests.applications.factories import again, reason
from tests.borrowers.factories import actor_of
from tests.collateral import factories
from tests.credit_review.factories import analyst


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """The registry of post-loan, emptied."""
    kept: dict[str, list[Any]] = {"before": [], "after": []}
    monkeypatch.setattr(registry, "before_release", kept["before"])
    monkeypatch.setattr(registry, "after_release", kept["after"])
    return kept


def moved(case: LoanCase, state: str) -> LoanCase:
    """The case in a later state, put there by hand: this stage may not know the stages that lead there."""
    with act(actor=factories.appraiser(case)) as opened:
        case.state = state
        case.save(update_fields=["state"])
        record(Tag.CASE_CLAIMED, actor=opened.actor, subject=case)
    return again(case)


def test_our_lien_is_registered_before_payout_and_kept_secret(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    given = {
        "actor": appraiser,
        "asset_id": one.pk,
        "registered_on": clock.today(),
        "registration_no": "LIEN-2026-00112",
    }
    with pytest.raises(IllegalTransition):
        services.asset_register(case=case, version=again(case).version, **given)
    case = moved(again(case), "conditions")
    with pytest.raises(BadInput):
        services.asset_register(
            case=case, version=case.version, **(given | {"registered_on": clock.today() + dt.timedelta(days=1)})
        )
    services.asset_register(case=case, version=case.version, **given)
    kept = Asset.objects.get(pk=one.pk)
    assert (kept.registered_on, str(kept.registration_no)) == (clock.today(), "•••• 0112")
    released = guards["collateral_released"].check(again(case), appraiser, {})
    assert [str(line) for line in released] == ["Release: Workshop, 840 m²."]


def test_a_release_takes_two_and_tells_who_waits(
    case: LoanCase, appraiser: Actor, hooks: dict[str, list[Any]], last_event: Any, monkeypatch: pytest.MonkeyPatch
):
    told: list[str] = []
    hooks["after"].append(lambda case, actor: told.append(case.number))
    one = factories.asset(appraiser, case)
    case = moved(again(case), "active")
    services.asset_register(
        actor=appraiser,
        case=case,
        version=case.version,
        asset_id=one.pk,
        registered_on=clock.today(),
        registration_no="1",
    )
    case = again(case)
    with pytest.raises(Refused) as refused:
        services.release_confirm(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
    assert refused.value.guard == "release_not_asked"
    services.release_ask(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
    case = again(case)
    for service, guard in ((services.release_confirm, "four_eyes"), (services.release_ask, "release_asked")):
        with pytest.raises(Refused) as refused:
            service(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
        assert refused.value.guard == guard
        assert last_event()["guard"] == guard
    second, third = (actor_of(Role.POST_LOAN_OFFICER, case.branch) for _each in range(2))
    monkeypatch.setattr(releasing, "people_behind", lambda _asset, *_tags: frozenset({third.person_id}))
    with pytest.raises(Refused):  # who had it asked for by deputy
        services.release_confirm(actor=third, case=case, version=case.version, asset_id=one.pk)
    services.release_confirm(actor=second, case=case, version=case.version, asset_id=one.pk)
    kept = Asset.objects.get(pk=one.pk)
    assert (kept.release_asked_by_id, kept.released_by_id, kept.is_released) == (
        appraiser.person_id,
        second.person_id,
        True,
    )
    assert told == [case.number]
    assert guards["collateral_released"].check(again(case), appraiser, {}) == []
    with pytest.raises(Refused) as refused:
        services.release_ask(actor=second, case=case, version=again(case).version, asset_id=one.pk)
    assert refused.value.guard == "released"


def test_nothing_is_released_while_it_secures_a_loan(case: LoanCase, appraiser: Actor, hooks: dict[str, list[Any]]):
    one = factories.asset(appraiser, case)
    case = again(case)
    with pytest.raises(IllegalTransition):
        services.release_ask(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
    hooks["before"].append(lambda case: ["12,000 are still owed."])
    case = moved(case, "active")
    with pytest.raises(Refused, match="still owed") as refused:
        services.release_ask(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
    assert refused.value.guard == "still_owed"


def test_who_may_not_release_is_refused(case: LoanCase, appraiser: Actor, hooks: dict[str, list[Any]]):
    one = factories.asset(appraiser, case)
    case = moved(again(case), "active")
    with pytest.raises(Refused) as refused:
        services.release_ask(actor=analyst(case), case=case, version=case.version, asset_id=one.pk)
    assert refused.value.guard == "permission"
    with pytest.raises(NotVisible):
        services.release_ask(actor=appraiser, case=case, version=case.version, asset_id=one.pk + 1)


def test_the_database_itself_refuses_a_release_by_one(case: LoanCase, appraiser: Actor):
    one = factories.asset(appraiser, case)
    one.release_asked_by_id = one.released_by_id = appraiser.person_id
    one.released_at = clock.now()
    with pytest.raises(IntegrityError), act(actor=appraiser):
        one.save(update_fields=["release_asked_by", "released_by", "released_at"])


def test_declined_cases_give_their_collateral_back(case: LoanCase, appraiser: Actor, hooks: dict[str, list[Any]]):
    reason("none", "decline")
    one = factories.asset(appraiser, case)
    case = moved(again(case), "declined")
    services.release_ask(actor=appraiser, case=case, version=case.version, asset_id=one.pk)
    assert Asset.objects.get(pk=one.pk).release_asked_at is not None
