"""Pages of the back office, by concern."""

from django.urls import URLPattern, URLResolver, path

from apps.console import audit_urls, catalogue, explaining, home, people_urls, portal, process
from apps.workflow.views import lists

app_name = "console"

work: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("work/", lists.queue, name="work"),
    path("work/take-next/", lists.take_next, name="take_next"),
    path("search/", lists.search, name="search"),
    path("notices/", home.notices, name="notices"),
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

urlpatterns: list[URLPattern | URLResolver] = [*work, *institution, *people_urls.urlpatterns, *audit_urls.urlpatterns]
