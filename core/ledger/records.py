"""What the ledger gives to lists: the journal entries, and the fixed assets."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from core.kernel.listing import Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import BOOKS, Names, Said
from core.ledger.assets.tables import Asset, AssetClass, AssetState
from core.ledger.tables import Journal, JournalEntry, Posting, Side

_undoing = aliased(JournalEntry)

ENTRIES = RecordKind(
    id="entries",
    names=Names(
        "journal entries", "记账凭证", ("entries", "bookings in the ledger"), ("凭证", "分录")
    ),
    one=Said("journal entry", "记账凭证"),
    source=JournalEntry.__table__,
    key=JournalEntry.number,
    identity=JournalEntry.id,
    fields=(
        Field("number", Names("number", "编号"), column=JournalEntry.number),
        Field("posted_on", Names("posted on", "过账日期", ("posted",), ("过账",)), Holds.DATE,
              JournalEntry.posted_on),
        Field("journal", Names("journal", "凭证类别"), Holds.WORD, JournalEntry.journal,
              words={
                  Journal.GENERAL: ("general", "总账"), Journal.SALES: ("sales", "销售"),
                  Journal.PURCHASES: ("purchases", "采购"), Journal.STOCK: ("stock", "库存"),
                  Journal.BANK: ("bank", "银行"), Journal.OPENING: ("opening", "期初"),
                  Journal.CLOSING: ("closing", "结账"),
              }),
        Field("memo", Names("memo", "摘要"), column=JournalEntry.memo),
        Field("origin", Names("for", "来源"), column=JournalEntry.origin),
        Field(
            "amount",
            Names("amount", "金额", ("sum",), ("总额",)),
            Holds.MONEY,
            select(func.coalesce(func.sum(Posting.base_minor), 0))
            .where(Posting.entry_id == JournalEntry.id, Posting.side == Side.DEBIT)
            .correlate(JournalEntry)
            .scalar_subquery(),
        ),
        record(
            "gl_account",
            Names("account", "科目"),
            through=select(Posting.entry_id.label("record"), Posting.account_id.label("value")),
        ),
        flag(
            "reversed",
            Names("reversed", "已冲销", (), ("冲销的",)),
            exists().where(_undoing.reverses_id == JournalEntry.id),
        ),
        flag("reversal", Names("reversals", "冲销凭证"), JournalEntry.reverses_id.is_not(None)),
    ),
    day="posted_on",
    order=(("posted_on", "desc"),),
    roles=BOOKS,
    ref="journal_entry",
)  # fmt: skip

ASSETS = RecordKind(
    id="assets",
    names=Names("fixed assets", "固定资产", ("assets on the register",), ("资产卡片",)),
    one=Said("fixed asset", "固定资产"),
    source=Asset.__table__.join(AssetClass, AssetClass.id == Asset.asset_class_id),
    key=Asset.number,
    identity=Asset.id,
    fields=(
        Field("number", Names("number", "编号"), column=Asset.number),
        Field("name", Names("name", "名称", ("called", "named")), column=Asset.name),
        Field("asset_class", Names("class", "类别"), column=AssetClass.name),
        Field("state", Names("state", "状态"), Holds.WORD, Asset.state,
              words={
                  AssetState.ACTIVE: ("active", "在用"),
                  AssetState.DISPOSED: ("disposed", "已处置"),
                  AssetState.CANCELLED: ("cancelled", "已取消"),
              }),
        Field("in_service_on", Names("in service on", "启用日期", ("put in service", "bought"),
              ("启用", "购入")), Holds.DATE, Asset.in_service_on),
        Field("cost", Names("cost", "原值"), Holds.MONEY, Asset.cost_minor),
        Field("accumulated", Names("accumulated depreciation", "累计折旧"), Holds.MONEY,
              Asset.accumulated_minor),
        Field("book_value", Names("book value", "账面价值", ("value",), ("净值",)), Holds.MONEY,
              Asset.cost_minor.expression - Asset.accumulated_minor.expression),
    ),
    day="in_service_on",
    order=(("number", "asc"),),
    roles=BOOKS,
    ref="asset",
)  # fmt: skip

LISTS = Lists(kinds=(ENTRIES, ASSETS))
