"""Giving up what is left of a facility."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.core import figures
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.post_loan import selectors, services
from apps.workflow.forms import NothingMoreForm
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form


@requires(Permission.LOAN_CLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """Close a facility without loans or payments on their way."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, Permission.LOAN_CLOSE)
    facility = selectors.facility_of(case, position)
    return stage_form(
        request, case, NothingMoreForm, title=_("Close the facility"), submit_label=_("Close the facility"), success=_("The facility is closed."),
        lead=_("Nothing more can be drawn of facility %(number)s, %(currency)s %(amount)s. With the last facility the case is completed, once its collateral is released.")
        % {"number": facility.position, "currency": facility.currency, "amount": figures.amount(facility.approved_amount or facility.amount, facility.currency)},
        service=lambda cleaned: services.facility_close(actor=actor, facility=facility, version=cleaned["version"]),
    )  # fmt: skip
