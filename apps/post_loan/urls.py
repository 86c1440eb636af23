"""Pages of the post_loan app."""

from django.urls import URLPattern, URLResolver

app_name = "post_loan"
urlpatterns: list[URLPattern | URLResolver] = []
