"""The Merkle tree over events, and the map of objects, as pure functions over bytes: no ORM, no clock, no settings.

``hashing`` and ``frontier`` grow the tree, ``proofs`` makes proofs from stored subtrees, ``checking`` verifies them with
nothing but hashes, ``objects`` does all three for the map of objects.
"""
