"""Entering assets, titles, liens, insurances and valuations: one form and one service each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import Party
from apps.collateral import forms, services
from apps.collateral.forms.assets import OfAssetForm
from apps.collateral.forms.values import haircut_of
from apps.collateral.selectors import asset_get
from apps.collateral.services import AssetData
from apps.collateral.views.overview import collateral_url, form_page
from apps.core.permissions import Permission
from apps.core.requires import requires
from apps.workflow.selectors import case_get
from apps.workflow.stage_pages import stage_form

EDIT = Permission.COLLATERAL_EDIT
View = Callable[..., HttpResponse]


@requires(EDIT)
@form_page
def asset_add(request: HttpRequest, number: str) -> HttpResponse:
    """A new asset."""
    actor = request.actor  # type: ignore[attr-defined]
    case = case_get(actor, number, EDIT)

    def save(cleaned: dict[str, Any]) -> Any:
        owner = Party.objects.filter(pk=cleaned["owner"]).first()
        data = AssetData(cleaned["asset_class"], cleaned["description"], cleaned["title_no"], cleaned["address"], owner)
        return services.asset_add(actor=actor, case=case, version=cleaned["version"], data=data)

    return stage_form(
        request, case, forms.AssetForm, service=save, title=_("Add an asset"), back_url=collateral_url(case),
        success=_("The asset is on the case."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AssetPage:
    """A page about one asset: its form, its words, and the fields that go to the service as they are."""

    form: type[OfAssetForm]
    title: Any
    success: Any
    service: Callable[..., Any]
    template: str = "core/form_page.html"
    lead: Any = ""


def _valued(*, haircut_percent: Any, **given: Any) -> Any:
    return services.valuation_record(haircut=haircut_of(haircut_percent), **given)


def _liens(*, actor: Any, case: Any, version: int, asset_id: int, **given: Any) -> Any:
    wanted = {name: given[name] for name in ("checked_on", "register", "liens")}
    return services.lien_record(actor=actor, case=case, version=version, asset_id=asset_id, **wanted)


PAGES: dict[str, AssetPage] = {
    "title": AssetPage(forms.TitleForm, _("Verify the title"), _("The title is verified."), services.title_verify),
    "liens": AssetPage(
        forms.LiensForm, _("Liens"), _("The register's picture is written down."), _liens, "collateral/liens.html",
        _("Write down everything the register shows on that day. It replaces the last look."),
    ),
    "insurance": AssetPage(forms.InsuranceForm, _("Insurance"), _("The insurance is in."), services.insurance_record),
    "order": AssetPage(forms.OrderForm, _("Order a valuation"), _("The valuation is ordered."), services.valuation_order),
    "valuation": AssetPage(
        forms.ValuationForm, _("Enter a valuation"), _("The valuation is in."), _valued,
        lead=_("Lending value is what remains after prior liens and the haircut. Loan to value (LTV) is the loan over the value."),
    ),
    "registration": AssetPage(forms.RegistrationForm, _("Our lien is registered"), _("The registration is in."), services.asset_register),
}  # fmt: skip


def asset_view(name: str, page: AssetPage) -> View:
    """Make the view of a page about one asset."""

    @requires(EDIT)
    @form_page
    def view(request: HttpRequest, number: str, asset: int) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        case = case_get(actor, number, EDIT)
        found = asset_get(actor, case, asset)

        def save(cleaned: dict[str, Any]) -> Any:
            given = {key: value for key, value in cleaned.items() if key != "seen"}
            return page.service(actor=actor, case=case, asset_id=found.pk, **given)

        return stage_form(
            request, case, page.form, service=save, title=page.title, template=page.template, back_url=collateral_url(case),
            lead=page.lead or found.description.words, success=page.success, options={"asset": found},
        )  # fmt: skip

    view.__name__ = view.__qualname__ = name
    view.__doc__ = f"Page of an asset's {name}."
    return view


views: dict[str, View] = {name: asset_view(name, page) for name, page in PAGES.items()}
