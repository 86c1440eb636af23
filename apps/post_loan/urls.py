"""Pages of the post_loan app."""

from django.urls import URLPattern, URLResolver, path, re_path

from apps.post_loan.views import conditions, facilities, loans

app_name = "post_loan"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", loans.loans, name="loans"),
    path("conditions/", conditions.due, name="conditions"),
    path("facilities/<str:number>/<int:position>/close/", facilities.close, name="facility_close"),
    path("<str:number>/", loans.loan, name="loan"),
    path("<str:number>/repayments/new/", loans.repayment_enter, name="repayment_enter"),
    re_path(
        r"^(?P<number>[^/]+)/repayments/(?P<repayment>[0-9]{1,18})/(?P<decision>post|reject)/$",
        loans.repayment_decide,
        name="repayment_decide",
    ),
    path("<str:number>/close/", loans.loan_close, name="loan_close"),
]
