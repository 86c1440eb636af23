"""The steps of an application in the portal: their order, and what each still misses. Nothing is stored here: the draft is the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.applications import facts, rules
from apps.applications.rules.promises import speakers_of
from apps.core import clock
from apps.workflow.models import LoanCase

STEPS: tuple[tuple[str, Any], ...] = (
    ("loan", _("The loan")),
    ("purpose", _("Purpose")),
    ("business", _("The business")),
    ("people", _("The people")),
    ("documents", _("Documents")),
    ("consents", _("Consents")),
    ("send", _("Check and send")),
)
LATER = frozenset({"documents"})
"""Steps that may be finished after the application is sent."""


@dataclass(frozen=True, slots=True)
class WizardStep:
    """One step: ``missing`` are sentences, ``status`` is ``done``, ``now`` or ``""``."""

    name: str
    number: int
    title: Any
    url: str
    missing: tuple[Any, ...]
    status: str

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.missing


def step_url(case: LoanCase, name: str) -> str:
    """Address of a step."""
    return reverse(f"portal:apply_{name}", args=[case.number])


def url_beside(case: LoanCase, name: str, by: int) -> str:
    """Address of the step before or after; ``""`` beyond the ends."""
    names = [each for each, _title in STEPS]
    place = names.index(name) + by
    return step_url(case, names[place]) if 0 <= place < len(names) else ""


def progress(case: LoanCase, here: str) -> list[WizardStep]:
    """Every step with what it misses."""
    missing = missing_by_step(case)
    return [
        WizardStep(name, number, title, step_url(case, name), tuple(missing.get(name, ())), _status(name, here, missing))
        for number, (name, title) in enumerate(STEPS, start=1)
    ]  # fmt: skip


def _status(name: str, here: str, missing: dict[str, list[Any]]) -> str:
    if name == here:
        return "now"
    return "done" if name != "send" and not missing.get(name) else ""


def missing_by_step(case: LoanCase) -> dict[str, list[Any]]:
    """Sentences on what is missing, by step; the rules are those that guard the sending."""
    borrower = case.borrower
    speakers = speakers_of(facts.parts_of(borrower))
    return {
        "loan": rules.facilities_missing(facts.facility_facts(case)),
        "purpose": rules.words_missing(facts.word_facts(facts.application_of(case))),
        "business": rules.business_missing(facts.business_facts(borrower)),
        "people": rules.people_missing(facts.people_facts(borrower), clock.today()),
        "documents": documents_missing(case),
        "consents": rules.consents_missing(facts.consent_kinds(), facts.consent_facts(case), speakers),
    }


def documents_missing(case: LoanCase) -> list[Any]:
    """Documents of the checklist that nobody has handed in, or whose last was rejected."""
    there = {document.code for document in facts.document_facts(case) if document.state != "rejected"}
    wanted = facts.required_documents(case)
    return [_("Hand in: %(document)s.") % {"document": label} for code, label in wanted.items() if code not in there]


def hinders(steps: Sequence[WizardStep]) -> list[WizardStep]:
    """Steps that keep the application from being sent."""
    return [step for step in steps if step.missing and step.name not in LATER]
