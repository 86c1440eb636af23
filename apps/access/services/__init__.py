"""What other apps call: the question ``can()``, its enforcing form, and granting of roles."""

from apps.access.services.authority import authorize, can, page_refuse
from apps.access.services.granting import Assignment, role_grant, role_revoke, roles_grant

__all__ = ["Assignment", "authorize", "can", "page_refuse", "role_grant", "role_revoke", "roles_grant"]
