"""Pages of the collateral app."""

from django.urls import URLPattern, URLResolver

app_name = "collateral"
urlpatterns: list[URLPattern | URLResolver] = []
