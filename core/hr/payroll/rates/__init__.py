"""Rates by law, by date: data files, in which every figure states its source and its day."""

from core.hr.payroll.rates.reading import (
    ComponentData,
    Figures,
    RateSet,
    figures_on,
    list_rate_sets,
    rate_set,
)

__all__ = ["ComponentData", "Figures", "RateSet", "figures_on", "list_rate_sets", "rate_set"]
