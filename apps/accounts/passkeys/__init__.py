"""Passkeys: what a browser is asked for, whether its answer is true (``ceremony``), and the part of a page that asks (``asking``).

Rows are written by ``services.passkeys`` alone; py_webauthn does the checking (decision 44).
"""
