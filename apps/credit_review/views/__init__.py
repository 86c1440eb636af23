"""Pages of the review, below ``/credit/``."""
