"""Pages of the borrowers app."""

from django.urls import URLPattern, URLResolver, path

from apps.borrowers.views import accounts, changes, freezing, lists, page, portal, revealing, ties

app_name = "borrowers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.borrowers, name="list"),
    path("find/", lists.find, name="find"),
    path("ties/", ties.ties, name="ties"),
    path("<int:pk>/", page.borrower, name="borrower"),
    path("<int:pk>/edit/", changes.edit, name="edit"),
    path("<int:pk>/group/", changes.group, name="group"),
    path("<int:pk>/tie/", changes.tie, name="tie"),
    path("<int:pk>/ties/add/", ties.declare, name="tie_declare"),
    path("<int:pk>/ties/<int:tie>/end/", ties.end, name="tie_end"),
    path("<int:pk>/portal/invite/", portal.invite, name="portal_invite"),
    path("<int:pk>/portal/<int:access>/again/", portal.reinvite, name="portal_reinvite"),
    path("<int:pk>/portal/<int:access>/end/", portal.end, name="portal_end"),
    path("<int:pk>/freeze/", freezing.freeze, name="freeze"),
    path("<int:pk>/unfreeze/", freezing.unfreeze, name="unfreeze"),
    path("<int:pk>/group/freeze/", freezing.group_freeze, name="group_freeze"),
    path("<int:pk>/group/unfreeze/", freezing.group_unfreeze, name="group_unfreeze"),
    path("<int:pk>/people/add/", changes.person_add, name="person_add"),
    path("<int:pk>/people/<int:party>/", changes.person_edit, name="person_edit"),
    path("<int:pk>/people/<int:party>/part/", changes.part_add, name="part_add"),
    path("<int:pk>/parts/<int:interest>/end/", changes.part_end, name="part_end"),
    path("<int:pk>/accounts/add/", accounts.add, name="account_add"),
    path("<int:pk>/accounts/<int:account>/verify/", accounts.verify, name="account_verify"),
    path("<int:pk>/accounts/<int:account>/close/", accounts.close, name="account_close"),
    path("<int:pk>/reveal/<str:sort>/<int:row>/<str:field>/", revealing.reveal, name="reveal"),
]
