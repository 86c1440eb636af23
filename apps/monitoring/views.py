"""The page that load balancers and watchers ask."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core.requires import public
from apps.monitoring.health import health


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part works, 503 otherwise, with the state of each."""
    parts = health()
    body = {name: "ok" if works else "failed" for name, works in parts.items()}
    return JsonResponse(body, status=200 if all(parts.values()) else 503)
