"""Approvals: plans that wait for a person's yes."""
