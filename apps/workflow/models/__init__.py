"""The case, what is asked in it, what was done to it, and what is said about it."""

from apps.workflow.models.case import Facility, FacilityState, LoanCase
from apps.workflow.models.catalogue import Product, Reason, ReasonKind
from apps.workflow.models.engagements import Engagement, EngagementAuditor, EngagementPlace
from apps.workflow.models.grants import CaseBlock, LoanCaseGroupObjectPermission, LoanCaseUserObjectPermission
from apps.workflow.models.history import CaseCounter, CaseStep, DutyDone
from apps.workflow.models.talk import Message, Notice, NoticePreference, Rhythm

__all__ = [
    "CaseBlock",
    "CaseCounter",
    "CaseStep",
    "DutyDone",
    "Engagement",
    "EngagementAuditor",
    "EngagementPlace",
    "Facility",
    "FacilityState",
    "LoanCase",
    "LoanCaseGroupObjectPermission",
    "LoanCaseUserObjectPermission",
    "Message",
    "Notice",
    "NoticePreference",
    "Product",
    "Reason",
    "ReasonKind",
    "Rhythm",
]
