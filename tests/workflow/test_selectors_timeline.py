"""Who is named for a stage: whoever settled it, told from the steps alone."""

import datetime as dt

import pytest

from apps.workflow.models import CaseStep, LoanCase
from apps.workflow.process import NEW, Event
from apps.workflow.selectors.timeline import doer, stages_of
from apps.workflow.states import Stage, State

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
WALK = (
    (Event.CREATE, NEW, State.DRAFT, "officer"),
    (Event.SUBMIT, State.DRAFT, State.INTAKE, "officer"),
    (Event.ACCEPT, State.INTAKE, State.CREDIT_REVIEW, "lead"),
    (Event.RECOMMEND_SECURED, State.CREDIT_REVIEW, State.APPROVAL, "analyst"),
    (Event.SIGN, State.APPROVAL, State.APPROVAL, "approver-1"),
    (Event.SIGN_LAST, State.APPROVAL, State.OFFERED, "approver-2"),
    (Event.OFFER_ACCEPT_RECORDED, State.OFFERED, State.CONTRACTING, "officer"),
)


def steps(count: int) -> list[CaseStep]:
    """The first steps of the walk, newest first."""
    made = [
        CaseStep(
            event=event, from_state=before, to_state=after, actor_name=who, created_at=START + dt.timedelta(days=day)
        )
        for day, (event, before, after, who) in enumerate(WALK[:count])
    ]
    return made[::-1]


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (2, {Stage.APPLICATION: ""}),
        (3, {Stage.APPLICATION: "lead", Stage.CREDIT_REVIEW: ""}),
        (6, {Stage.CREDIT_REVIEW: "analyst", Stage.APPROVAL: ""}),
        (7, {Stage.CREDIT_REVIEW: "analyst", Stage.APPROVAL: "approver-2", Stage.CONTRACT: ""}),
    ],
)
def test_a_stage_names_who_settled_it(count: int, named: dict[Stage, str]):
    done = steps(count)
    case = LoanCase(state=done[0].to_state)
    shown = {each.label: each.who for each in stages_of(case, done)}
    assert {stage: shown[stage.label] for stage in named} == named


@pytest.mark.parametrize(
    ("name", "shown"), [("officer", "officer"), ("system:payments", "the system"), ("a / b", "a / b")]
)
def test_jobs_and_commands_are_called_the_system(name: str, shown: str):
    assert str(doer(CaseStep(event=Event.SUBMIT, actor_name=name))) == shown
