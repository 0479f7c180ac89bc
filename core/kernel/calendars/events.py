"""What calendars tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class CalendarSet(Fact, name="calendars.calendar_set"):
    """A calendar is there, or has other hours."""

    code: str
    called: str
    zone: str
    region: str
    before: str
    after: str
    is_standard: bool

    def changes(self) -> tuple[Change, ...]:
        """Show the hours before and after, and whose clock and holidays count."""
        said = [self.called, self.zone, self.region]
        return (
            Change(
                Kind.RECORD,
                f"business_calendar {self.code}",
                self.after or "closed",
                before=self.before or None,
                measure="standard" if self.is_standard else "",
                detail=" · ".join(each for each in said if each),
            ),
        )


@dataclass(frozen=True)
class HolidaySet(Fact, name="calendars.holiday_set"):
    """A day of a region is unlike others from now on, or no longer."""

    region: str
    day: str
    called: str
    before: str
    after: str

    def changes(self) -> tuple[Change, ...]:
        """Show the day, and what it is."""
        return (
            Change(
                Kind.RECORD,
                f"holiday {self.region} {self.day}",
                self.after,
                before=self.before or None,
                detail=self.called,
            ),
        )
