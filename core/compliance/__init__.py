"""Compliance: proof that the books are right."""
