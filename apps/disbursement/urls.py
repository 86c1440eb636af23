"""Pages of the disbursement app."""

from django.urls import URLPattern, URLResolver

app_name = "disbursement"
urlpatterns: list[URLPattern | URLResolver] = []
