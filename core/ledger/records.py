"""What the ledger gives to lists: the journal entries."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from core.kernel.listing import Field, Holds, Lists, RecordKind, flag, record
from core.kernel.semantics import BOOKS, Names, Said
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
        Field(
            "posted_on",
            Names("posted on", "过账日期", ("posted",), ("过账",)),
            Holds.DATE,
            JournalEntry.posted_on,
        ),
        Field(
            "journal",
            Names("journal", "凭证类别"),
            Holds.WORD,
            JournalEntry.journal,
            words={
                Journal.GENERAL: ("general", "总账"),
                Journal.SALES: ("sales", "销售"),
                Journal.PURCHASES: ("purchases", "采购"),
                Journal.STOCK: ("stock", "库存"),
                Journal.BANK: ("bank", "银行"),
                Journal.OPENING: ("opening", "期初"),
                Journal.CLOSING: ("closing", "结账"),
            },
        ),
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
)

LISTS = Lists(kinds=(ENTRIES,))
