"""How stretches of the log retire: ``port`` says what must be kept, ``due`` what may go, ``agreed`` what two people have signed,
``stubs`` what stays of an event, ``archive`` where the stretch goes before; ``services/retiring.py`` does it (docs/audit.md).
"""
