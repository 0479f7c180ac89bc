"""Processes: what goes across domains in one transaction."""
