"""Rows of access: roles and agreements to them, rights in deputies' hands, requests for rights and who leads whom."""

from apps.access.models.grants import Delegation, FactorReset, RoleConsent, RoleGrant
from apps.access.models.rights import ReportingLine, RightRequest

__all__ = ["Delegation", "FactorReset", "ReportingLine", "RightRequest", "RoleConsent", "RoleGrant"]
