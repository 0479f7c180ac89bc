"""The classes of assets that a company begins with, with usual lives; it may add its own."""

from dataclasses import dataclass

from core.ledger.assets.tables import DepreciationMethod

_SAME = DepreciationMethod.STRAIGHT_LINE


@dataclass(frozen=True)
class StandardClass:
    """A class to begin with."""

    code: str
    name: str
    name_zh: str
    months: int | None
    method: DepreciationMethod = _SAME


STANDARD = (
    StandardClass("LAND", "Land", "土地", None, DepreciationMethod.NONE),
    StandardClass("BUILDINGS", "Buildings", "房屋建筑物", 480),
    StandardClass("MACHINERY", "Machinery", "机器设备", 120),
    StandardClass("VEHICLES", "Vehicles", "运输工具", 72),
    StandardClass("FURNITURE", "Furniture", "办公家具", 120),
    StandardClass("IT", "Computers and devices", "电子设备", 36),
    StandardClass("SOFTWARE", "Software", "软件", 36),
)
