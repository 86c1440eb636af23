"""The proof that duties are apart: how few people who work together bring a case to payout, on the tables the product obeys."""
