"""Pages of the credit_review app."""

from django.urls import URLPattern, URLResolver

app_name = "credit_review"
urlpatterns: list[URLPattern | URLResolver] = []
