"""Fixed assets: what is used for years, and becomes expense month by month.

The register says what each asset cost, what was depreciated of it, and what it is worth; every
move has its entry, so the register and the accounts of the books agree.
"""

from core.ledger.assets.changes import (
    dispose_asset,
    impair_asset,
    revalue_asset,
    take_back_move,
)
from core.ledger.assets.events import AssetDisposed
from core.ledger.assets.moving import find_asset
from core.ledger.assets.queries import (
    AssetPlanView,
    AssetView,
    ClassView,
    MoveView,
    PlanLineView,
    RegisterRow,
    Unregistered,
    asset_plan,
    asset_view,
    assets_of_document,
    charges_without_asset,
    depreciation_due,
    list_assets,
    list_classes,
    posted_by,
    register,
    unregistered,
)
from core.ledger.assets.rules import PlanLine, Terms, last_day, plan
from core.ledger.assets.runs import depreciate, take_back_run, tell_use
from core.ledger.assets.service import (
    acquire_asset,
    add_class,
    find_class,
    open_standard_classes,
    transfer_asset,
)
from core.ledger.assets.tables import (
    Asset,
    AssetClass,
    AssetMove,
    AssetState,
    Convention,
    DepreciationMethod,
    DepreciationRun,
    MoveKind,
)

__all__ = [
    "Asset",
    "AssetClass",
    "AssetDisposed",
    "AssetMove",
    "AssetPlanView",
    "AssetState",
    "AssetView",
    "ClassView",
    "Convention",
    "DepreciationMethod",
    "DepreciationRun",
    "MoveKind",
    "MoveView",
    "PlanLine",
    "PlanLineView",
    "RegisterRow",
    "Terms",
    "Unregistered",
    "acquire_asset",
    "add_class",
    "asset_plan",
    "asset_view",
    "assets_of_document",
    "charges_without_asset",
    "depreciate",
    "depreciation_due",
    "dispose_asset",
    "find_asset",
    "find_class",
    "impair_asset",
    "last_day",
    "list_assets",
    "list_classes",
    "open_standard_classes",
    "plan",
    "posted_by",
    "register",
    "revalue_asset",
    "take_back_move",
    "take_back_run",
    "tell_use",
    "transfer_asset",
    "unregistered",
]
