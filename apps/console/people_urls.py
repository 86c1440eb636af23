"""Addresses of the people, branches and matrix pages."""

from django.urls import URLPattern, URLResolver, path

from apps.console import delegations, people, people_actions, people_grants, people_matrix, people_places, proof

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="person_invite"),
    path("people/<str:handle>/", people.person, name="person"),
    path("people/<str:handle>/invite/", people.reinvite, name="person_reinvite"),
    path("people/<str:handle>/particulars/", people.particulars, name="person_particulars"),
    path("people/<str:handle>/suspend/", people_actions.suspend, name="person_suspend"),
    path("people/<str:handle>/passkeys/revoke/", people_actions.passkeys_revoke, name="person_passkeys"),
    path("people/<str:handle>/restore/", people_actions.restore, name="person_restore"),
    path("people/<str:handle>/unlock/", people_actions.unlock, name="person_unlock"),
    path("people/<str:handle>/roles/grant/", people_actions.grant, name="role_grant"),
    path("people/<str:handle>/roles/<uuid:uuid>/end/", people_actions.revoke, name="role_revoke"),
    path("grants/", people_grants.grants, name="grants"),
    path("grants/<uuid:uuid>/approve/", people_grants.approve, name="grant_approve"),
    path("grants/<uuid:uuid>/reject/", people_grants.reject, name="grant_reject"),
    path("deputies/", delegations.delegations, name="delegations"),
    path("deputies/new/", delegations.delegation_new, name="delegation_new"),
    path("deputies/stop/", delegations.delegation_stop, name="delegation_stop"),
    path("deputies/<uuid:uuid>/agree/", delegations.delegation_agreed, name="delegation_agree"),
    path("deputies/<uuid:uuid>/reject/", delegations.delegation_rejected, name="delegation_reject"),
    path("deputies/<uuid:uuid>/end/", delegations.delegation_ended, name="delegation_end"),
    path("deputies/<uuid:uuid>/act/", delegations.delegation_act, name="delegation_act"),
    path("branches/", people_places.branches, name="branches"),
    path("branches/new/", people_places.branch_add, name="branch_add"),
    path("branches/<str:code>/", people_places.branch_edit, name="branch_edit"),
    path("matrix/", people_matrix.matrix, name="matrix"),
    path("proof/", proof.proof, name="proof"),
    path("matrix/passkeys/", people_matrix.passkey_roles, name="passkey_roles"),
]
