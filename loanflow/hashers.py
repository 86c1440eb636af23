"""Password hashing for test runs: the real algorithm with the smallest parameters it accepts."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2 that takes a fraction of a millisecond. Only LOANFLOW_MODE=test puts it first."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
