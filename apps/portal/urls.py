"""Pages of the portal app."""

from django.urls import URLPattern, URLResolver, path

from apps.portal.views import announcing, applying, behind, cases, mydata, papers, requests, sending, steps

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.home, name="home"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/documents/", cases.document, name="document"),
    path("cases/<str:number>/documents/<int:document>/", papers.own_document, name="own_document"),
    path("cases/<str:number>/letters/<int:letter>/", papers.letter, name="letter"),
    path("cases/<str:number>/contract/<str:language>/", papers.contract, name="contract"),
    path("cases/<str:number>/messages/", steps.message, name="message"),
    path("cases/<str:number>/consents/<int:consent>/withdraw/", steps.consent_withdraw, name="consent_withdraw"),
    path("cases/<str:number>/answer/", steps.answer, name="answer"),
    path("cases/<str:number>/offer/accept/", steps.accept, name="accept"),
    path("cases/<str:number>/offer/terms/", steps.negotiate, name="negotiate"),
    path("cases/<str:number>/look-again/", steps.look_again, name="look_again"),
    path("cases/<str:number>/withdraw/", steps.withdraw, name="withdraw"),
    path("loans/", cases.loans, name="loans"),
    path("loans/<str:number>/", cases.loan, name="loan"),
    path("loans/<str:number>/statement.<str:form>", papers.statement, name="statement"),
    path("my-data/", mydata.my_data, name="my_data"),
    path("my-data/<int:borrower>/ask/", mydata.ask, name="data_ask"),
    path("my-data/copies/<int:pk>/my-data.<str:form>", mydata.take, name="data_take"),
    path("requests/", requests.requests, name="requests"),
    path("requests/data/<int:pk>/", requests.data_request, name="data_request"),
    path("announcements/", announcing.announcements, name="announcements"),
    path("announcements/new/", announcing.announcement, name="announcement_new"),
    path("announcements/<int:pk>/", announcing.announcement, name="announcement"),
    path("announcements/<int:pk>/end/", announcing.end, name="announcement_end"),
    path("announcements/<int:pk>/put-away/", announcing.put_away, name="announcement_put_away"),
    path("safety/", cases.safety, name="safety"),
    path("apply/", applying.start, name="apply"),
    path("apply/business/", applying.business_new, name="apply_business_new"),
    path("apply/<str:number>/loan/", applying.loan, name="apply_loan"),
    path("apply/<str:number>/purpose/", applying.purpose, name="apply_purpose"),
    path("apply/<str:number>/business/", applying.business, name="apply_business"),
    path("apply/<str:number>/people/", behind.people, name="apply_people"),
    path("apply/<str:number>/people/add/", behind.person_add, name="apply_person_add"),
    path("apply/<str:number>/people/<int:party>/", behind.person, name="apply_person"),
    path("apply/<str:number>/people/<int:party>/part/", behind.part_add, name="apply_part_add"),
    path("apply/<str:number>/parts/<int:interest>/end/", behind.part_end, name="apply_part_end"),
    path("apply/<str:number>/documents/", sending.documents, name="apply_documents"),
    path("apply/<str:number>/consents/", sending.consents, name="apply_consents"),
    path("apply/<str:number>/send/", sending.send, name="apply_send"),
]
