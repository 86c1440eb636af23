"""The page that shows the proof of duties: how few people could bring a case to payout together, and how."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.proof.kept import kept
from apps.workflow.proof.report import DELEGATIONS, GOAL, GOAL_WITH_DELEGATION, digest


@requires(Permission.MATRIX_VIEW)
@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """Show the figures of every setting with their ways, and whether they are about the tables in use."""
    found = kept()
    lines = [
        (figure, DELEGATIONS[figure.setting.delegation],
         figure.setting.verifier_reviews == settings.LOANFLOW_VERIFIER_MAY_REVIEW)
        for figure in found.figures
    ]  # fmt: skip
    context = {
        "proof": found, "lines": lines, "goal": GOAL, "goal_with_delegation": GOAL_WITH_DELEGATION,
        "is_of_these_tables": found.tables == digest(),
    }  # fmt: skip
    return render(request, "console/proof.html", context)
