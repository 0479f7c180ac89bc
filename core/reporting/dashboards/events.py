"""What dashboards tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class DashboardMade(Fact, name="reporting.dashboard_made"):
    """Somebody has a new dashboard of their own."""

    owner: str
    board: str
    tiles: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show it and its tiles."""
        detail = " · ".join(self.tiles)
        return (Change(Kind.RECORD, f"dashboard {self.board}", "new", detail=detail),)


@dataclass(frozen=True)
class DashboardChanged(Fact, name="reporting.dashboard_changed"):
    """A dashboard has other tiles, or another order or name."""

    owner: str
    board: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    renamed_to: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show the tiles before and after."""
        return (
            Change(
                Kind.RECORD,
                f"dashboard {self.board}",
                self.renamed_to or " · ".join(self.after) or "–",
                before=self.board if self.renamed_to else " · ".join(self.before) or "–",
                measure="name" if self.renamed_to else "tiles",
            ),
        )


@dataclass(frozen=True)
class DashboardRemoved(Fact, name="reporting.dashboard_removed"):
    """A dashboard is gone; its reports and their figures are not touched."""

    owner: str
    board: str
    tiles: tuple[str, ...]

    def changes(self) -> tuple[Change, ...]:
        """Show that it goes."""
        detail = " · ".join(self.tiles)
        return (
            Change(
                Kind.RECORD, f"dashboard {self.board}", "removed", before="active", detail=detail
            ),
        )
