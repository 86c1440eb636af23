"""What other apps call: the question ``can()``, its enforcing form, and granting of roles."""

from apps.access.services.approving import grant_approve, grant_reject
from apps.access.services.authority import authorize, can, page_refuse
from apps.access.services.granting import Assignment, role_found, role_grant, role_revoke, roles_grant

__all__ = [
    "Assignment",
    "authorize",
    "can",
    "grant_approve",
    "grant_reject",
    "page_refuse",
    "role_found",
    "role_grant",
    "role_revoke",
    "roles_grant",
]
