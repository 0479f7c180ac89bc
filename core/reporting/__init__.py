"""Reporting: one semantic layer for every question."""
