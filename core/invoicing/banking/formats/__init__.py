"""The files of banks: what kind one is, and what it says."""

from core.invoicing.banking.errors import FileTooLarge, NotAStatement, StatementEmpty
from core.invoicing.banking.formats import camt, ofx, separated
from core.invoicing.banking.formats.drafts import LineDraft, StatementDraft, account_number
from core.invoicing.banking.formats.layout import Layout
from core.invoicing.banking.tables import StatementFormat

BYTES_MAX = 10_000_000

__all__ = ["Layout", "LineDraft", "StatementDraft", "account_number", "read_file"]


def read_file(
    content: bytes, known: Layout, *, currency: str
) -> tuple[StatementFormat, list[StatementDraft], Layout | None]:
    """Read a file of a bank; `known` and `currency` fill in what a plain table does not say."""
    if len(content) > BYTES_MAX:
        raise FileTooLarge(size=f"{len(content):,} B", most=f"{BYTES_MAX:,} B")
    layout = None
    if camt.looks_like(content):
        kind, drafts = StatementFormat.CAMT, camt.read(content)
    elif ofx.looks_like(content):
        kind, drafts = StatementFormat.OFX, ofx.read(content)
    else:
        if b"\x00" in content and content[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
            raise NotAStatement
        draft, layout = separated.read(content, known, currency=currency)
        kind, drafts = StatementFormat.CSV, [draft]
    if not any(draft.lines for draft in drafts):
        raise StatementEmpty
    return kind, drafts, layout
