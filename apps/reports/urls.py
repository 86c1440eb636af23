"""Pages of the reports app."""

from django.urls import URLPattern, URLResolver, path

from apps.reports import views

app_name = "reports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/<str:number>/file/", views.case_file, name="case_file"),
]
