"""Where each app's pages live. Every app declares its own; this table only gives them their prefix."""

from django.urls import include, path

from apps.accounts.views.language import language

urlpatterns = [
    path("", include("apps.console.urls")),
    path("", include("apps.monitoring.urls")),
    path("account/", include("apps.accounts.urls")),
    path("borrowers/", include("apps.borrowers.urls")),
    path("cases/", include("apps.workflow.urls")),
    path("applications/", include("apps.applications.urls")),
    path("credit/", include("apps.credit_review.urls")),
    path("collateral/", include("apps.collateral.urls")),
    path("approval/", include("apps.approval.urls")),
    path("payments/", include("apps.disbursement.urls")),
    path("loans/", include("apps.post_loan.urls")),
    path("reports/", include("apps.reports.urls")),
    path("portal/", include("apps.portal.urls")),
    path("language/", language, name="set_language"),
]

handler400 = "apps.console.errors.bad_request"
handler403 = "apps.console.errors.forbidden"
handler404 = "apps.console.errors.not_found"
handler500 = "apps.console.errors.broken"
