"""What the catalog gives to reporting: items, and the tree of their categories."""

from sqlalchemy import String, cast, select
from sqlalchemy.orm import aliased

from core.catalog.tables import (
    Item,
    ItemCategory,
    ItemKind,
    ItemTemplate,
    Tracking,
    ValuationMethod,
)
from core.catalog.tables import Unit as MeasureUnit
from core.kernel.semantics import (
    Adding,
    Dimension,
    Kind,
    Measure,
    Metric,
    Names,
    Said,
    Semantics,
    Source,
    Timing,
    Unit,
)

ITEMS = Source(
    id="items",
    rows=select(Item.sku.label("document"), Item.id.label("item")).where(Item.active),
    basis=Said("active items of the catalog", "目录中启用的物料"),
    handles=frozenset({"item"}),
    document_kind="item",
)

# Every category with the root of its branch: figures by category add up whole branches.
_tree = select(ItemCategory.id, ItemCategory.id.label("root_id")).where(
    ItemCategory.parent_id.is_(None)
).cte("category_tree", recursive=True)  # fmt: skip
_child = aliased(ItemCategory)
_tree = _tree.union_all(
    select(_child.id, _tree.c.root_id).join(_tree, _child.parent_id == _tree.c.id)
)
_root, _own = aliased(ItemCategory), aliased(ItemCategory)

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="items",
            names=Names(
                "items",
                "物料数",
                ("number of items", "number of products", "item count", "product count"),
                ("物料数量", "产品数量", "商品数", "多少产品"),
            ),
            definition=Said(
                "The number of active items in the catalog now.",
                "目录中目前启用的物料数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            measure=Measure(ITEMS, adding=Adding.COUNT, timing=Timing.PRESENT),
        ),
    ),
    dimensions=(
        Dimension(
            id="item",
            names=Names(
                "item",
                "物料",
                ("product", "article", "SKU", "good"),
                ("产品", "商品", "货品", "货号"),
            ),
            handle="item",
            members=select(
                Item.id,
                Item.sku.label("key"),
                Item.name.label("label"),
                Item.name_zh.label("label_zh"),
            ),
            parent="subcategory",
        ),
        Dimension(
            id="subcategory",
            names=Names(
                "subcategory",
                "子类别",
                ("product subcategory", "sub-category", "item subcategory"),
                ("小类", "产品子类别", "子类"),
            ),
            handle="item",
            members=select(
                Item.id,
                _own.code.label("key"),
                _own.name.label("label"),
                _own.name_zh.label("label_zh"),
            ).join(_own, _own.id == Item.category_id),
            parent="category",
        ),
        Dimension(
            id="category",
            names=Names(
                "category",
                "类别",
                ("product category", "item category", "product line", "product group"),
                ("产品类别", "品类", "大类", "产品线"),
            ),
            handle="item",
            members=select(
                Item.id,
                _root.code.label("key"),
                _root.name.label("label"),
                _root.name_zh.label("label_zh"),
                _own.code.label("also"),
                _own.name.label("also_label"),
                _own.name_zh.label("also_label_zh"),
            )
            .join(_own, _own.id == Item.category_id)
            .join(_tree, _tree.c.id == _own.id)
            .join(_root, _root.id == _tree.c.root_id),
        ),
        Dimension(
            id="item_kind",
            names=Names(
                "item kind",
                "物料性质",
                ("kind of item", "goods or services", "item type"),
                ("物料种类", "商品或服务", "物料类型"),
            ),
            handle="item",
            members=select(
                Item.id,
                Item.kind.label("key"),
                Item.kind.label("label"),
                Item.kind.label("label_zh"),
            ),
            words={
                ItemKind.STOCKED: ("stocked", "库存物料"),
                ItemKind.SERVICE: ("service", "服务"),
            },
        ),
        Dimension(
            id="item_model",
            names=Names(
                "model",
                "型号",
                ("product model", "item template", "model of item"),
                ("产品型号", "款式", "物料模板"),
            ),
            handle="item",
            members=select(
                Item.id,
                ItemTemplate.code.label("key"),
                ItemTemplate.name.label("label"),
                ItemTemplate.name_zh.label("label_zh"),
            ).join(ItemTemplate, ItemTemplate.id == Item.template_id),
            parent="category",
        ),
        Dimension(
            id="unit_of_measure",
            names=Names(
                "unit of measure",
                "计量单位",
                ("unit", "base unit", "unit of quantity"),
                ("单位", "基本单位", "数量单位"),
            ),
            handle="item",
            members=select(
                Item.id,
                MeasureUnit.code.label("key"),
                MeasureUnit.name.label("label"),
                MeasureUnit.name_zh.label("label_zh"),
            ).join(MeasureUnit, MeasureUnit.code == Item.unit_code),
        ),
        Dimension(
            id="valuation_method",
            names=Names(
                "valuation method",
                "计价方法",
                ("costing method", "method of valuation", "inventory costing"),
                ("存货计价方法", "成本计价方法", "计价方式"),
            ),
            handle="item",
            members=select(
                Item.id,
                cast(Item.valuation_method, String).label("key"),
                cast(Item.valuation_method, String).label("label"),
                cast(Item.valuation_method, String).label("label_zh"),
            ),
            words={
                ValuationMethod.FIFO.value: ("first in, first out", "先进先出"),
                ValuationMethod.MOVING_AVERAGE.value: ("moving average", "移动加权平均"),
                ValuationMethod.STANDARD.value: ("standard cost", "标准成本"),
            },
        ),
        Dimension(
            id="item_tracking",
            names=Names(
                "tracking of items",
                "追踪方式",
                ("tracked by lot or serial", "lot or serial tracking", "item tracking"),
                ("批次或序列号管理", "追踪类型", "批次管理方式"),
            ),
            handle="item",
            members=select(
                Item.id,
                cast(Item.tracking, String).label("key"),
                cast(Item.tracking, String).label("label"),
                cast(Item.tracking, String).label("label_zh"),
            ),
            words={
                Tracking.NONE.value: ("not tracked", "不追踪"),
                Tracking.LOT.value: ("tracked by lot", "按批次管理"),
                Tracking.SERIAL.value: ("tracked by serial number", "按序列号管理"),
            },
        ),
    ),
)
