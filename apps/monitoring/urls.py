"""Pages of the monitoring app."""

from django.urls import URLPattern, URLResolver, path

from apps.monitoring.views import healthz

app_name = "monitoring"
urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]
