"""Tables of the reservations that people make by hand; those of documents are in the inventory."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.catalog import Item
from core.inventory.tables import Location
from core.kernel.database import Quantity, Record
from core.parties import Party


class SetAside(Record):
    """Goods that somebody asked to keep for somebody; its id is the line that they are kept for."""

    __tablename__ = "set_aside"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    number: Mapped[str] = mapped_column(unique=True)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("party.id"), index=True)
    quantity: Mapped[Quantity]
    made_on: Mapped[date]
    because: Mapped[str]

    item: Mapped[Item] = relationship(lazy="raise")
    location: Mapped[Location] = relationship(lazy="raise")
    party: Mapped[Party | None] = relationship(lazy="raise")
