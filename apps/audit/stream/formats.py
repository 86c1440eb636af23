"""An event in the two formats that a SIEM reads: OCSF 1.3 as JSON, and the Common Event Format, revision 0.

Who, what, when, where and with which outcome go out, never values: neither differences nor notes nor words of a purpose. The
leaf hash lets the receiver prove later that what it was sent stood in the log.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings

from apps.audit.stream.due import FITS, RETIRED, Sent
from apps.audit.tags import Tag, label_of

VENDOR = PRODUCT = "LoanFlow"
OCSF_VERSION = "1.3.0"
AUTHENTICATION, API_ACTIVITY = 3002, 6003
IDENTITY, APPLICATION = 3, 6
LOGON, LOGOFF = 1, 2
CREATE, READ, UPDATE, DELETE, OTHER = 1, 2, 3, 4, 99
SIGN_INS: dict[str, int] = {
    Tag.SIGNED_IN: LOGON,
    Tag.SIGN_IN_FAILED: LOGON,
    Tag.LOCKED_OUT: LOGON,
    Tag.SIGNED_OUT: LOGOFF,
}
OPS = {"create": CREATE, "update": UPDATE, "delete": DELETE}
INFORMATIONAL, LOW, MEDIUM, CRITICAL = 1, 2, 3, 5
SEVERITIES = {
    INFORMATIONAL: ("Informational", 1, 6),
    LOW: ("Low", 3, 5),
    MEDIUM: ("Medium", 5, 4),
    CRITICAL: ("Critical", 10, 2),
}
"""OCSF's number of a severity → its word there, CEF's 0 to 10, syslog's 7 to 0."""
FAILED = {"refused", "failed"}
NOT_SEALED_SO = "audit.event_not_as_sealed"


def severity_of(sent: Sent) -> int:
    """What a watch should make of an event: one that is not as it was sealed is critical, one that retired before it was sent is not."""
    if sent.state == RETIRED:
        return MEDIUM
    if sent.state != FITS:
        return CRITICAL
    if sent.body.get("action") in {Tag.LOCKED_OUT, Tag.OWNER_FORGOTTEN} or _differ(sent):
        return MEDIUM
    return LOW if sent.body.get("outcome") in FAILED or sent.body.get("action") == Tag.SIGN_IN_FAILED else INFORMATIONAL


def _differ(sent: Sent) -> bool:
    note = sent.body.get("note", {})
    found = {Tag.ROWS_RECONCILED: note.get("differ", 0), Tag.LOG_VERIFIED: not note.get("intact", True)}
    return bool(found.get(sent.body.get("action", ""), False))


def action_of(sent: Sent) -> str:
    """The action's name; one of its own for what is not as it was sealed."""
    return str(sent.body.get("action", "")) if sent.state == FITS else NOT_SEALED_SO


def milliseconds(sent: Sent) -> int:
    """The event's time since 1970; 0 where it says none that can be read."""
    try:
        return int(dt.datetime.fromisoformat(str(sent.body.get("at"))).timestamp() * 1000)
    except ValueError:
        return 0


def words_of(sent: Sent) -> str:
    """A sentence for people."""
    return label_of(action_of(sent)) if sent.state == FITS else f"Event {sent.event} of the log is {sent.state}"


def _kind_of(sent: Sent) -> tuple[int, int, int]:
    """Category, class and activity of OCSF."""
    action, body = sent.body.get("action", ""), sent.body
    if action in SIGN_INS:
        return IDENTITY, AUTHENTICATION, SIGN_INS[action]
    if body.get("kind") == "read":
        return APPLICATION, API_ACTIVITY, READ
    about = body.get("subject", {}).get("object", "")
    ops = {entry.get("object"): entry.get("op") for entry in body.get("touched", ())}
    return APPLICATION, API_ACTIVITY, OPS.get(str(ops.get(about)), OTHER)


def ocsf(sent: Sent) -> str:
    """One line of JSON."""
    body, severity = sent.body, severity_of(sent)
    category, kind, activity = _kind_of(sent)
    subject = body.get("subject", {})
    user = {"name": body.get("name"), "uid": _text(body.get("account")), "type": body.get("actor")}
    is_good = body.get("outcome") not in FAILED and sent.state == FITS and body.get("action") != Tag.SIGN_IN_FAILED
    told: dict[str, Any] = {
        "metadata": {
            "version": OCSF_VERSION, "uid": str(sent.event), "sequence": sent.leaf, "log_name": "audit",
            "product": {"name": PRODUCT, "vendor_name": VENDOR, "version": str(getattr(settings, "LOANFLOW_BUILD", ""))},
        },
        "time": milliseconds(sent), "message": words_of(sent),
        "category_uid": category, "class_uid": kind, "activity_id": activity, "type_uid": kind * 100 + activity,
        "severity_id": severity, "severity": SEVERITIES[severity][0],
        "status_id": 1 if is_good else 2, "status": "Success" if is_good else "Failure", "status_detail": body.get("guard"),
        "user": user if kind == AUTHENTICATION else None,
        "actor": {"user": user, "session": {"uid": body.get("session")}},
        "src_endpoint": {"ip": body.get("address")},
        "api": {"operation": action_of(sent), "request": {"uid": _text(body.get("request"))}},
        "resources": [{"uid": subject.get("object"), "name": subject.get("ref")}] if subject else None,
        "unmapped": {
            "case": body.get("case"), "branch": body.get("branch"), "stage": body.get("stage"),
            "purpose": body.get("purpose", {}).get("code"), "roles": body.get("roles"), "leaf_hash": sent.hash, "state": sent.state,
            "simulated": body.get("simulated"),
        },
    }  # fmt: skip
    return json.dumps(_filled(told), ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _filled(value: Any) -> Any:
    """Leave out what is empty, at every depth."""
    if isinstance(value, dict):
        inner = {name: _filled(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one not in (None, "", {}, [])}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def cef(sent: Sent) -> str:
    """One line of CEF."""
    body, severity = sent.body, severity_of(sent)
    head = (
        VENDOR,
        PRODUCT,
        getattr(settings, "LOANFLOW_BUILD", ""),
        action_of(sent),
        words_of(sent),
        SEVERITIES[severity][1],
    )
    extension = {
        "rt": milliseconds(sent), "externalId": sent.event, "act": action_of(sent), "outcome": body.get("outcome"),
        "reason": body.get("guard"), "suser": body.get("name"), "suid": body.get("account"), "src": body.get("address"),
        "cn1": sent.leaf, "cn1Label": "leaf", "cs1": sent.hash, "cs1Label": "leafHash", "cs2": sent.state, "cs2Label": "state",
        "cs3": body.get("case"), "cs3Label": "case" if body.get("case") else None,
        "cs4": body.get("subject", {}).get("ref"), "cs4Label": "subject" if body.get("subject") else None,
        "cs5": body.get("purpose", {}).get("code"), "cs5Label": "purpose" if body.get("purpose") else None,
    }  # fmt: skip
    told = [f"{name}={_value(value)}" for name, value in extension.items() if value not in (None, "")]
    return f"CEF:0|{'|'.join(_header(one) for one in head)}|{' '.join(told)}"


def _header(value: Any) -> str:
    return " ".join(str(value).split()).replace("\\", "\\\\").replace("|", "\\|")


def _value(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace("=", "\\=")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


FORMATS: dict[str, Callable[[Sent], str]] = {"ocsf": ocsf, "cef": cef}
