"""Commands of access: a first start, branches, a lost invitation."""
