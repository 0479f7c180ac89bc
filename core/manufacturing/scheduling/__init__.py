"""Scheduling: when open work orders are made, if no work centre does more than it can."""

from core.manufacturing.scheduling.service import (
    HORIZON_DAYS,
    CentreLoad,
    Extra,
    Schedule,
    ScheduledOrder,
    ScheduledStep,
    schedule,
    write_schedule,
)

__all__ = [
    "HORIZON_DAYS",
    "CentreLoad",
    "Extra",
    "Schedule",
    "ScheduledOrder",
    "ScheduledStep",
    "schedule",
    "write_schedule",
]
