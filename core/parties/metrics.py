"""What parties give to reporting: the customers and suppliers, and where they are."""

from babel import Locale
from sqlalchemy import String, case, cast, func, select

from core.kernel.semantics import (
    EVERYDAY,
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
from core.parties.tables import Customer, Party, PartyKind, Supplier, Territory

_ENGLISH, _CHINESE = Locale("en").territories, Locale("zh").territories
COUNTRIES = {
    code: (str(name), str(_CHINESE[code]))
    for code, name in _ENGLISH.items()
    if code.isalpha() and code in _CHINESE
}
REGIONS = {
    "North America": ("North America", "北美"),
    "South America": ("South America", "南美"),
    "Europe": ("Europe", "欧洲"),
    "Asia": ("Asia", "亚洲"),
    "Pacific": ("Pacific", "太平洋地区"),
    "Africa": ("Africa", "非洲"),
}

CUSTOMERS = Source(
    id="customers",
    rows=select(
        Party.number.label("document"),
        Party.id.label("customer"),
        Customer.territory_id.label("territory"),
        func.coalesce(Territory.country, Party.country).label("country"),
        Customer.salesperson_id.label("salesperson"),
    )
    .select_from(Customer)
    .join(Party, Party.id == Customer.party_id)
    .outerjoin(Territory, Territory.id == Customer.territory_id),
    basis=Said("customers on file", "已建档客户"),
    handles=frozenset({"customer", "territory", "country", "salesperson"}),
    owner="customer",
    document_kind="customer",
)

SUPPLIERS = Source(
    id="suppliers",
    rows=select(
        Party.number.label("document"),
        Party.id.label("supplier"),
        Party.country.label("supplier_country"),
    ).join(Supplier, Supplier.party_id == Party.id),
    basis=Said("suppliers on file", "已建档供应商"),
    handles=frozenset({"supplier", "supplier_country"}),
    document_kind="supplier",
)

_preferred = case((Supplier.preferred, "preferred"), else_="other")

SEMANTICS = Semantics(
    metrics=(
        Metric(
            id="customers",
            names=Names(
                "customers",
                "客户数",
                ("number of customers", "customer count", "how many customers"),
                ("客户数量", "客户总数", "多少客户"),
            ),
            definition=Said(
                "The number of customers on file now, whether they bought or not.",
                "目前已建档的客户数量，无论是否购买过。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            roles=EVERYDAY,
            measure=Measure(CUSTOMERS, adding=Adding.COUNT, timing=Timing.PRESENT),
        ),
        Metric(
            id="suppliers",
            names=Names(
                "suppliers",
                "供应商数",
                ("number of suppliers", "supplier count", "how many suppliers", "vendor count"),
                ("供应商数量", "供应商总数", "多少供应商"),
            ),
            definition=Said(
                "The number of suppliers on file now.",
                "目前已建档的供应商数量。",
            ),
            unit=Unit.COUNT,
            kind=Kind.SNAPSHOT,
            roles=EVERYDAY,
            measure=Measure(SUPPLIERS, adding=Adding.COUNT, timing=Timing.PRESENT),
        ),
    ),
    dimensions=(
        Dimension(
            id="customer",
            names=Names(
                "customer",
                "客户",
                ("client", "account holder", "buyer", "customer name"),
                ("顾客", "客户名称", "买家"),
            ),
            handle="customer",
            members=select(
                Party.id,
                Party.number.label("key"),
                Party.name.label("label"),
                Party.name_zh.label("label_zh"),
            ).join(Customer, Customer.party_id == Party.id),
            parent="customer_group",
        ),
        Dimension(
            id="customer_group",
            names=Names(
                "customer group",
                "客户组",
                ("customer type", "customer class", "group of customers"),
                ("客户类型", "客户类别", "客户分组"),
            ),
            handle="customer",
            members=select(
                Customer.party_id.label("id"),
                Customer.customer_group.label("key"),
                Customer.customer_group.label("label"),
                Customer.customer_group.label("label_zh"),
            ),
            words={
                "individual": ("individual", "个人客户"),
                "store": ("store", "门店客户"),
                "retail": ("retail", "零售"),
                "wholesale": ("wholesale", "批发"),
            },
        ),
        Dimension(
            id="territory",
            names=Names(
                "territory",
                "销售区域",
                ("sales territory", "sales area", "area"),
                ("地区", "区域", "销售地区"),
            ),
            handle="territory",
            members=select(
                Territory.id,
                Territory.code.label("key"),
                Territory.name.label("label"),
                Territory.name_zh.label("label_zh"),
            ),
            parent="country",
        ),
        Dimension(
            id="region",
            names=Names(
                "region",
                "大区",
                ("territory group", "sales region", "continent"),
                ("区域组", "销售大区", "洲"),
            ),
            handle="territory",
            members=select(
                Territory.id,
                Territory.region.label("key"),
                Territory.region.label("label"),
                Territory.region.label("label_zh"),
            ),
            words=REGIONS,
        ),
        Dimension(
            id="country",
            names=Names(
                "country",
                "国家",
                ("nation", "customer country", "market country"),
                ("国别", "客户国家", "所在国家"),
            ),
            handle="country",
            keys=select(Territory.country).union(
                select(Party.country).join(Customer, Customer.party_id == Party.id)
            ),
            words=COUNTRIES,
            parent="region",
        ),
        Dimension(
            id="city",
            names=Names(
                "city",
                "城市",
                ("town", "customer city", "place"),
                ("客户城市", "所在城市", "市"),
            ),
            handle="customer",
            members=select(
                Party.id,
                Party.city.label("key"),
                Party.city.label("label"),
                Party.city.label("label_zh"),
            ).join(Customer, Customer.party_id == Party.id),
            parent="country",
        ),
        Dimension(
            id="payment_terms",
            names=Names(
                "payment terms",
                "付款条件",
                ("terms of payment", "payment days", "credit terms"),
                ("付款期限", "账期", "付款天数"),
            ),
            handle="customer",
            members=select(
                Customer.party_id.label("id"),
                cast(Customer.payment_days, String).label("key"),
                func.concat(Customer.payment_days, " days").label("label"),
                func.concat(Customer.payment_days, " 天").label("label_zh"),
            ),
        ),
        Dimension(
            id="supplier",
            names=Names(
                "supplier",
                "供应商",
                ("vendor", "supplier name", "seller to us"),
                ("供货商", "供应商名称", "厂商"),
            ),
            handle="supplier",
            members=select(
                Party.id,
                Party.number.label("key"),
                Party.name.label("label"),
                Party.name_zh.label("label_zh"),
            ).join(Supplier, Supplier.party_id == Party.id),
            parent="supplier_country",
            roles=EVERYDAY,
        ),
        Dimension(
            id="supplier_country",
            names=Names(
                "supplier country",
                "供应商国家",
                ("country of supplier", "vendor country", "country of origin"),
                ("供应商所在国家", "供货国家", "供应国"),
            ),
            handle="supplier_country",
            keys=select(Party.country).join(Supplier, Supplier.party_id == Party.id),
            words=COUNTRIES,
            roles=EVERYDAY,
        ),
        Dimension(
            id="supplier_group",
            names=Names(
                "supplier group",
                "供应商分组",
                ("preferred or other suppliers", "kind of supplier", "supplier class"),
                ("供应商类别", "供应商组", "优选或其他供应商"),
            ),
            handle="supplier",
            members=select(
                Supplier.party_id.label("id"),
                _preferred.label("key"),
                _preferred.label("label"),
                _preferred.label("label_zh"),
            ),
            words={"preferred": ("preferred", "优选"), "other": ("other", "其他")},
            ordered=True,
            roles=EVERYDAY,
        ),
        Dimension(
            id="supplier_rating",
            names=Names(
                "supplier rating",
                "供应商评级",
                ("rating of suppliers", "vendor rating", "supplier score"),
                ("供应商等级", "供应商评分", "供货评级"),
            ),
            handle="supplier",
            members=select(
                Supplier.party_id.label("id"),
                cast(Supplier.rating, String).label("key"),
                cast(Supplier.rating, String).label("label"),
                cast(Supplier.rating, String).label("label_zh"),
            ).where(Supplier.rating.is_not(None)),
            roles=EVERYDAY,
        ),
        Dimension(
            id="customer_kind",
            names=Names(
                "kind of customer",
                "客户性质",
                ("companies or persons", "company or person", "legal kind of customer"),
                ("公司或个人", "客户主体", "单位或个人"),
            ),
            handle="customer",
            members=select(
                Party.id,
                cast(Party.kind, String).label("key"),
                cast(Party.kind, String).label("label"),
                cast(Party.kind, String).label("label_zh"),
            ).join(Customer, Customer.party_id == Party.id),
            words={
                PartyKind.COMPANY.value: ("company", "公司"),
                PartyKind.PERSON.value: ("person", "个人"),
            },
        ),
        Dimension(
            id="customer_language",
            names=Names(
                "customer language",
                "客户语言",
                ("language of customers", "language spoken", "correspondence language"),
                ("语言", "沟通语言", "客户使用语言"),
            ),
            handle="customer",
            members=select(
                Party.id,
                Party.language.label("key"),
                Party.language.label("label"),
                Party.language.label("label_zh"),
            ).join(Customer, Customer.party_id == Party.id),
            words={"en": ("English", "英语"), "zh": ("Chinese", "中文"), "de": ("German", "德语")},
        ),
    ),
)
