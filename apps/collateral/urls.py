"""Pages of the collateral app."""

from django.urls import URLPattern, URLResolver, path

from apps.collateral.views import entering, overview

app_name = "collateral"
urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:number>/", overview.collateral, name="overview"),
    path("<str:number>/confirm/", overview.confirm, name="confirm"),
    path("<str:number>/assets/", entering.asset_add, name="asset_add"),
    path("<str:number>/assets/<int:asset>/remove/", overview.remove, name="remove"),
    path("<str:number>/assets/<int:asset>/cancel/", overview.cancel, name="cancel"),
    path("<str:number>/assets/<int:asset>/release/", overview.release_ask, name="release_ask"),
    path("<str:number>/assets/<int:asset>/release/confirm/", overview.release_confirm, name="release_confirm"),
    *(path(f"<str:number>/assets/<int:asset>/{name}/", view, name=name) for name, view in entering.views.items()),
]
