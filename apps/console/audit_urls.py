"""Addresses of the audit explorer."""

from django.urls import URLPattern, URLResolver, path

from apps.console import (
    audit,
    audit_borrower,
    audit_clear,
    audit_engagements,
    audit_exporting,
    audit_exports,
    audit_head,
    audit_retiring,
    audit_reviews,
    audit_samples,
    audit_saved,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit_exporting.audit_export, name="audit_export"),
    path("audit/head/", audit_head.head, name="audit_head"),
    path("audit/borrowers/<int:pk>/", audit_borrower.borrower, name="audit_borrower"),
    path("audit/exports/", audit_exports.exports, name="audit_exports"),
    path("audit/exports/<uuid:uuid>/file/", audit_exports.export_file, name="audit_export_file"),
    path("audit/exports/clear/", audit_clear.waiting, name="audit_clear"),
    path("audit/exports/<uuid:uuid>/agree/", audit_clear.agree, name="audit_clear_agree"),
    path("audit/exports/<uuid:uuid>/refuse/", audit_clear.decline, name="audit_clear_decline"),
    path("audit/verify/", audit.audit_verify, name="audit_verify"),
    path("audit/reviews/", audit_reviews.reviews, name="audit_reviews"),
    path("audit/reviews/<uuid:uuid>/confirm/", audit_reviews.review_confirm, name="audit_review_confirm"),
    path("audit/retiring/", audit_retiring.retiring, name="audit_retiring"),
    path("audit/retiring/<int:number>/agree/", audit_retiring.agree, name="audit_retiring_agree"),
    path("audit/retiring/<int:number>/refuse/", audit_retiring.decline, name="audit_retiring_decline"),
    path("audit/samples/", audit_samples.samples, name="audit_samples"),
    path("audit/samples/<int:number>/", audit_samples.sample, name="audit_sample"),
    path("audit/engagements/", audit_engagements.engagements, name="engagements"),
    path("audit/engagements/new/", audit_engagements.engagement_new, name="engagement_new"),
    path("audit/engagements/<uuid:uuid>/agree/", audit_engagements.engagement_agree, name="engagement_agree"),
    path("audit/engagements/<uuid:uuid>/end/", audit_engagements.engagement_end, name="engagement_end"),
    path("audit/filters/new/", audit_saved.filter_new, name="audit_filter_new"),
    path("audit/filters/<uuid:uuid>/delete/", audit_saved.filter_gone, name="audit_filter_gone"),
    path("audit/events/<int:number>/", audit.audit_event, name="audit_event"),
]
