"""Purchasing: from supplier offers to goods received."""
