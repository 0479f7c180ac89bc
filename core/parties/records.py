"""What parties give to lists: the customers and the suppliers."""

from core.kernel.listing import Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import AND_CUSTOMERS, COSTS, EVERYDAY, Names, Said
from core.parties.metrics import COUNTRIES
from core.parties.tables import Customer, Party, Supplier

SALESPERSON = Names("salesperson", "销售员", ("sales rep", "account manager"), ("业务员",))

_BLOCKED = flag(
    "blocked",
    Names("blocked", "已冻结", ("on the blacklist",), ("冻结", "黑名单")),
    Party.blocked,
    negative=Names("not blocked", "未冻结"),
    roles=EVERYDAY,
)
_CITY = Field("city", Names("city", "城市"), column=Party.city)
_COUNTRY = Field("country", Names("country", "国家"), Holds.WORD, Party.country, words=COUNTRIES)
_REACHED = (
    Field(
        "email", Names("e-mail", "邮箱", ("email", "mail address")), column=Party.email, shown=False
    ),
    Field("phone", Names("phone", "电话", ("telephone",)), column=Party.phone, shown=False),
    Field("tax_number", Names("tax number", "税号"), column=Party.tax_number, shown=False),
)
_TERMS = Names("payment days", "付款天数", ("days to pay",))

CUSTOMERS = RecordKind(
    id="customers",
    names=Names("customers", "客户", ("clients", "buyers", "accounts of customers"), ("顾客",)),
    one=Said("customer", "客户"),
    source=Customer.__table__.join(Party, Party.id == Customer.party_id),
    key=Party.number,
    identity=Party.id,
    owner=Party.id,
    roles=AND_CUSTOMERS,
    fields=(
        Field("number", Names("number", "编号"), column=Party.number),
        Field("name", Names("name", "名称", ("called", "named")), column=Party.name),
        Field("name_zh", Names("Chinese name", "中文名称"), column=Party.name_zh, shown=False),
        _CITY,
        _COUNTRY,
        record(
            "territory",
            Names("territory", "地区", ("region", "in territory"), ("区域", "大区")),
            Customer.territory_id,
        ),
        record("salesperson", SALESPERSON, Customer.salesperson_id, shown=False),
        Field(
            "credit_limit",
            Names("credit limit", "信用额度", ("limit",), ("授信额度",)),
            Holds.MONEY,
            Customer.credit_limit_minor,
            roles=EVERYDAY,
            adds_up=False,
        ),
        Field("payment_days", _TERMS, Holds.COUNT, Customer.payment_days),
        Field(
            "customer_group",
            Names("customer group", "客户组"),
            column=Customer.customer_group,
            shown=False,
            roles=EVERYDAY,
        ),
        *_REACHED,
        _BLOCKED,
    ),
    order=(("number", "asc"),),
    ref="customer",
)

SUPPLIERS = RecordKind(
    id="suppliers",
    names=Names("suppliers", "供应商", ("vendors",), ("供货商", "厂商")),
    one=Said("supplier", "供应商"),
    source=Supplier.__table__.join(Party, Party.id == Supplier.party_id),
    key=Party.number,
    identity=Party.id,
    roles=COSTS,
    fields=(
        Field("number", Names("number", "编号"), column=Party.number),
        Field("name", Names("name", "名称", ("called", "named")), column=Party.name),
        Field("name_zh", Names("Chinese name", "中文名称"), column=Party.name_zh, shown=False),
        _CITY,
        _COUNTRY,
        Field("payment_days", _TERMS, Holds.COUNT, Supplier.payment_days),
        Field("rating", Names("rating", "评分"), Holds.COUNT, Supplier.rating),
        *_REACHED,
        flag("preferred", Names("preferred", "首选", (), ("优选",)), Supplier.preferred),
        _BLOCKED,
    ),
    order=(("number", "asc"),),
    ref="supplier",
)

LISTS = Lists(kinds=(CUSTOMERS, SUPPLIERS))
