"""Addresses of the pages about what is kept."""

from django.urls import URLPattern, URLResolver, path

from apps.console import inventory, privacy

urlpatterns: list[URLPattern | URLResolver] = [
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/inventory/", inventory.data_inventory, name="data_inventory"),
    path("privacy/forget/<int:borrower>/ask/", privacy.ask, name="forget_ask"),
    path("privacy/forget/<uuid:uuid>/approve/", privacy.approve, name="forget_approve"),
    path("privacy/forget/<uuid:uuid>/refuse/", privacy.refuse, name="forget_refuse"),
    path("privacy/holds/<int:borrower>/place/", privacy.hold, name="hold_place"),
    path("privacy/holds/<uuid:uuid>/lift/", privacy.lift, name="hold_lift"),
    path("privacy/keep/<slug:data_class>/", privacy.retention, name="retention"),
]
