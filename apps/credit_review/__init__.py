"""Owns statements, ratios, bureau reports, guarantors' credit, the score and the recommendation.
Offers CreditOutcome.
Never sets a collateral value."""
