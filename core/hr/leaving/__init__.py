"""Leaving: what is due at the end of service."""

from core.hr.leaving.severance import (
    Slab,
    SlabsCounted,
    YearsCounted,
    end_of_service,
    years_of_service,
)

__all__ = ["Slab", "SlabsCounted", "YearsCounted", "end_of_service", "years_of_service"]
