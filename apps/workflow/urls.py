"""Pages of the workflow app."""

from django.urls import URLPattern, URLResolver, path

from apps.workflow.views import case, lists, sharing, steps

app_name = "workflow"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.cases, name="cases"),
    path("<str:number>/", case.case, name="case"),
    path("<str:number>/who/", case.who, name="who"),
    path("<str:number>/access/", sharing.access, name="access"),
    path("<str:number>/access/share/", sharing.share, name="share"),
    path("<str:number>/access/shares/<int:share>/end/", sharing.share_end, name="share_end"),
    path("<str:number>/access/block/", sharing.block, name="block"),
    path("<str:number>/access/blocks/<int:block>/lift/", sharing.unblock, name="unblock"),
    path("<str:number>/say/", case.say, name="say"),
    path("<str:number>/say/<int:question>/", case.reply, name="reply"),
    *(path(f"<str:number>/{name.replace('_', '-')}/", view, name=name) for name, view in steps.views.items()),
]
