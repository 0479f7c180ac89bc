"""Evals: how well the product understands, answers and performs."""
