"""Invoicing: what customers owe us and we owe suppliers, and how it is settled."""
