"""Tables of people at work."""

import uuid
from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.kernel.database import Record
from core.parties import Party


class Department(Record):
    """A part of the company."""

    __tablename__ = "department"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_zh: Mapped[str]


class Employee(Record):
    """Somebody who works here."""

    __tablename__ = "employee"

    number: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("party.id"), unique=True)
    department_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("department.id"), index=True)
    job_title: Mapped[str]
    hired_on: Mapped[date]
    left_on: Mapped[date | None]

    party: Mapped[Party] = relationship(lazy="raise")
    department: Mapped[Department] = relationship(lazy="raise")
