"""Pages of the disbursement app."""

from django.urls import URLPattern, URLResolver, path

from apps.disbursement.views import banking, conditions, contracts, papers, paying, payments

app_name = "disbursement"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", banking.waiting, name="payments"),
    path("answers/", banking.answers, name="answers"),
    path("accounts/", paying.accounts, name="paying"),
    path("accounts/enter/", paying.enter, name="paying_enter"),
    path("accounts/<int:account>/confirm/", paying.confirm, name="paying_confirm"),
    path("accounts/<int:account>/reject/", paying.reject, name="paying_reject"),
    path("<str:number>/", payments.payments, name="payments"),
    path("<str:number>/prepare/", payments.prepare, name="prepare"),
    path("<str:number>/<int:drawdown>/release/", payments.release, name="release"),
    path("<str:number>/<int:drawdown>/cancel/", payments.cancel, name="cancel"),
    path("<str:number>/<int:drawdown>/answer/", payments.confirm, name="confirm"),
    path("<str:number>/contract/", contracts.contract, name="contract"),
    path("<str:number>/contract/make/", contracts.contract_make, name="contract_make"),
    path("<str:number>/contract/conclude/", contracts.contract_conclude, name="contract_conclude"),
    path("<str:number>/contract/<str:language>.pdf", contracts.contract_file, name="contract_file"),
    path("<str:number>/contract/parties/<int:line>/", contracts.party_signed, name="party_signed"),
    path("<str:number>/contract/parties/<int:line>/confirm/", contracts.signature_confirm, name="signature_confirm"),
    path("<str:number>/papers/<str:sort>/<int:pk>/", papers.paper, name="paper"),
    path("<str:number>/papers/<str:sort>/<int:pk>/file/", papers.paper_taken, name="paper_file"),
    path("<str:number>/papers/<str:sort>/<int:pk>/pages/<int:page>/", papers.paper_page, name="paper_page"),
    path("<str:number>/conditions/", conditions.conditions, name="conditions"),
    path("<str:number>/conditions/met/", conditions.conditions_meet, name="conditions_meet"),
    path("<str:number>/conditions/<uuid:condition>/evidence/", conditions.evidence_give, name="evidence_give"),
    path("<str:number>/conditions/<uuid:condition>/waive/", conditions.condition_waive, name="condition_waive"),
    path("<str:number>/conditions/evidence/<int:evidence>/", conditions.evidence_decide, name="evidence_decide"),
]
