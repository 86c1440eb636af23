"""The drill: a copy of the log is attacked in every way that it must survive, and what is found is told (docs/audit.md).

``scratch`` copies database and journal and works on the copy, ``staging`` adds events to attack, ``tampering`` is what a
superuser does with the locks off, ``attempts`` what the database itself must refuse, ``running`` does it all.
"""
