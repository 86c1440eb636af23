"""Pages of the portal app."""

from django.urls import URLPattern, URLResolver, path

from apps.portal.views import cases, steps

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.home, name="home"),
    path("cases/<str:number>/", cases.case, name="case"),
    path("cases/<str:number>/documents/", cases.document, name="document"),
    path("cases/<str:number>/answer/", steps.answer, name="answer"),
    path("cases/<str:number>/offer/accept/", steps.accept, name="accept"),
    path("cases/<str:number>/offer/terms/", steps.negotiate, name="negotiate"),
    path("cases/<str:number>/withdraw/", steps.withdraw, name="withdraw"),
    path("loans/", cases.loans, name="loans"),
    path("loans/<str:number>/", cases.loan, name="loan"),
]
