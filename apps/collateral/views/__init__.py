"""Pages of collateral, below ``/collateral/``."""
