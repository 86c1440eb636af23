"""The tree as it stands in the database: which events are due, stored subtrees, the map of objects, heads and proofs."""
