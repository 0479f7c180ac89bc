"""What the catalog gives to lists: the items."""

from core.catalog.tables import Item, ItemKind
from core.kernel.listing import Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import COSTS, Names, Said

ITEMS = RecordKind(
    id="items",
    names=Names(
        "items", "物料", ("products", "goods", "articles", "skus"), ("商品", "产品", "货品", "货号")
    ),
    one=Said("item", "物料"),
    source=Item.__table__,
    key=Item.sku,
    identity=Item.id,
    fields=(
        Field("number", Names("SKU", "货号", ("sku",)), column=Item.sku),
        Field("name", Names("name", "名称", ("called", "named", "name")), column=Item.name),
        Field("name_zh", Names("Chinese name", "中文名称"), column=Item.name_zh, shown=False),
        record("category", Names("category", "类别", ("in category",), ("分类",)), Item.id),
        Field(
            "kind",
            Names("kind", "类型"),
            Holds.WORD,
            Item.kind,
            words={
                ItemKind.STOCKED: ("stocked", "库存物料"),
                ItemKind.SERVICE: ("service", "服务"),
                ItemKind.KIT: ("kit", "套件"),
            },
            shown=False,
        ),
        Field("unit", Names("unit", "单位"), column=Item.unit_code),
        Field(
            "standard_cost",
            Names("standard cost", "标准成本", ("cost",), ("成本",)),
            Holds.QUANTITY,
            Item.standard_cost,
            shown=False,
            roles=COSTS,
        ),
        flag(
            "active",
            Names("active", "在用", (), ("启用",)),
            Item.active,
            negative=Names("inactive", "已停用", ("discontinued", "deactivated"), ("停用", "停产")),
        ),
        flag(
            "sale_blocked",
            Names("blocked for sale", "停止销售", ("not for sale",), ("禁售",)),
            Item.sale_blocked,
        ),
        flag(
            "purchase_blocked",
            Names("blocked for purchase", "停止采购", ("not to be bought",), ("禁购",)),
            Item.purchase_blocked,
        ),
    ),
    order=(("number", "asc"),),
    ref="item",
)

LISTS = Lists(kinds=(ITEMS,))
