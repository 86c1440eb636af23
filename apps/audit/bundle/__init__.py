"""The evidence bundle: one file that proves, to whoever trusts nobody here, what the log holds (docs/audit.md).

``choosing`` says which events and what can be proved of them, ``proving`` makes the proofs, ``container`` the sealed file,
``summary`` the paper for people. ``apps/audit/standalone/loanflow_verify.py`` verifies it.
"""
