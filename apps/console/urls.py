"""Pages of the back office, by concern."""

from django.urls import URLPattern, URLResolver, path

from apps.console import (
    audit_urls,
    catalogue,
    explaining,
    home,
    notice_mail,
    people_urls,
    portal,
    privacy_urls,
    process,
    search,
    views_saved,
)
from apps.workflow.views import handing, lists

app_name = "console"

work: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("home/seen/", home.seen, name="news_seen"),
    path("work/", lists.queue, name="work"),
    path("work/take-next/", lists.take_next, name="take_next"),
    path("work/hand-over/", handing.hand_over, name="hand_over"),
    path("work/hand-over/preview/", handing.preview, name="hand_over_preview"),
    path("work/hand-over/confirm/", handing.confirm, name="hand_over_confirm"),
    path("views/<uuid:uuid>/edit/", views_saved.view_edit, name="view_edit"),
    path("views/<uuid:uuid>/delete/", views_saved.view_gone, name="view_gone"),
    path("views/<slug:page>/", views_saved.views, name="views"),
    path("views/<slug:page>/new/", views_saved.view_new, name="view_new"),
    path("search/", search.search, name="search"),
    path("notices/", home.notices, name="notices"),
    path("account/notices/", notice_mail.notice_mail, name="notice_mail"),
    path("notices/read/", home.read, name="notices_read"),
]
institution: list[URLPattern | URLResolver] = [
    path("glossary/", explaining.glossary, name="glossary"),
    path("process/", process.process, name="process"),
    path("products/", catalogue.products, name="products"),
    path("products/new/", catalogue.product, name="product_add"),
    path("products/<slug:code>/", catalogue.product, name="product"),
    path("products/<slug:code>/use/", catalogue.product_use, name="product_use"),
    path("portal-settings/", portal.portal, name="portal"),
    path("portal-settings/registration/", portal.registration, name="portal_registration"),
    path("reasons/", catalogue.reasons, name="reasons"),
    path("reasons/new/", catalogue.reason, name="reason_add"),
    path("reasons/<slug:code>/", catalogue.reason, name="reason"),
    path("reasons/<slug:code>/use/", catalogue.reason_use, name="reason_use"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *work,
    *institution,
    *people_urls.urlpatterns,
    *audit_urls.urlpatterns,
    *privacy_urls.urlpatterns,
]
