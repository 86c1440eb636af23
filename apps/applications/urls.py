"""Pages of the applications app."""

from django.urls import URLPattern, URLResolver, path

from apps.applications.views import checking, documents, drafting, moving, opening, promising, stage, viewing

app_name = "applications"
urlpatterns: list[URLPattern | URLResolver] = [
    path("new/", opening.new, name="new"),
    path("<str:number>/", stage.stage, name="stage"),
    path("<str:number>/versions/", stage.versions, name="versions"),
    path("<str:number>/business/", drafting.business, name="business"),
    path("<str:number>/people/add/", drafting.person_add, name="person_add"),
    path("<str:number>/people/<int:party>/", drafting.person, name="person"),
    path("<str:number>/people/<int:party>/part/", drafting.part_add, name="part_add"),
    path("<str:number>/parts/<int:interest>/end/", drafting.part_end, name="part_end"),
    path("<str:number>/request/", drafting.request_words, name="request"),
    path("<str:number>/facilities/add/", drafting.facility, name="facility_add"),
    path("<str:number>/facilities/<int:position>/", drafting.facility, name="facility"),
    path("<str:number>/facilities/<int:position>/remove/", drafting.facility_remove, name="facility_remove"),
    path("<str:number>/consents/", promising.consents, name="consents"),
    path("<str:number>/consents/<int:consent>/withdraw/", promising.consent_withdraw, name="consent_withdraw"),
    path("<str:number>/declaration/", promising.declaration, name="declaration"),
    path("<str:number>/documents/add/", documents.add, name="document_add"),
    path("<str:number>/documents/<int:document>/", viewing.document, name="document"),
    path("<str:number>/documents/<int:document>/file/", viewing.document_file, name="document_file"),
    path("<str:number>/documents/<int:document>/pages/<int:page>/", viewing.document_page, name="document_page"),
    path("<str:number>/documents/<int:document>/accept/", documents.accept, name="document_accept"),
    path("<str:number>/documents/<int:document>/reject/", documents.reject, name="document_reject"),
    path("<str:number>/identity/<int:party>/", checking.identity, name="identity"),
    path("<str:number>/applicants/<int:access>/", checking.applicant, name="applicant"),
    path("<str:number>/duplicates/scan/", checking.scan, name="duplicates_scan"),
    path("<str:number>/duplicates/<int:finding>/", checking.duplicate, name="duplicate"),
    path("<str:number>/visits/add/", checking.visit_add, name="visit_add"),
    path("<str:number>/visits/<int:pk>/", checking.visit, name="visit"),
    path("<str:number>/visits/<int:pk>/confirm/", checking.visit_confirm, name="visit_confirm"),
    path("<str:number>/submit/", moving.submit, name="submit"),
    path("<str:number>/accept/", moving.accept, name="accept"),
    path("<str:number>/knock-out/", moving.knock_out, name="knock_out"),
    path("<str:number>/correct/", moving.correct, name="correct"),
]
