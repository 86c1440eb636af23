"""Owns keys, encrypted fields, blind indexes and encrypted files.
Offers EncryptedTextField, BlindIndexField, seal/open and the reveal port.
Never records by itself and has no pages."""
