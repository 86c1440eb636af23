"""Pages of the approval app."""

from django.urls import URLPattern, URLResolver

app_name = "approval"
urlpatterns: list[URLPattern | URLResolver] = []
