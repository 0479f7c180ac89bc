"""What human resources tell the rest of the house."""

from dataclasses import dataclass

from core.kernel.effects import Change, Kind
from core.kernel.events import Fact


@dataclass(frozen=True)
class DepartmentAdded(Fact, name="hr.department_added"):
    """The company has one more department."""

    code: str
    called: str

    def changes(self) -> tuple[Change, ...]:
        """Show the new department."""
        return (Change(Kind.RECORD, "department", "new", detail=f"{self.code} · {self.called}"),)


@dataclass(frozen=True)
class EmployeeAdded(Fact, name="hr.employee_added"):
    """Somebody works here now."""

    number: str
    called: str
    department: str
    job_title: str
    hired_on: str
    terms: str = ""

    def changes(self) -> tuple[Change, ...]:
        """Show who, where, as what and under which terms."""
        said = (self.called, self.department, self.job_title, self.hired_on, self.terms)
        detail = " · ".join(each for each in said if each)
        return (Change(Kind.RECORD, "employee", "new", detail=detail),)

    def new_number(self) -> str:
        """Return the number of the employee."""
        return self.number
