"""Holds: what is left alone on purpose. A reminder or a payment run skips it, and says so."""

from core.invoicing.holds.service import Held, held, hold, lift_hold
from core.invoicing.holds.tables import Hold, HoldKind, HoldPurpose

__all__ = ["Held", "Hold", "HoldKind", "HoldPurpose", "held", "hold", "lift_hold"]
