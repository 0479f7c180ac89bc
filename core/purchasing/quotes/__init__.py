"""Requests for quotation."""
