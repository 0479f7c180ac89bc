"""Files of banks: every format is read exactly, once, and refused where it is not sound."""

import base64
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from core import ledger
from core.compliance import verify_books
from core.invoicing import banking
from core.invoicing.banking import StatementFormat
from core.invoicing.banking.errors import (
    BalanceDoesNotFollow,
    ColumnsMissing,
    DatesAmbiguous,
    DecimalsAmbiguous,
    FieldUnreadable,
    FileBroken,
    FileTooLarge,
    NotAStatement,
    NothingNew,
    StatementDoesNotAddUp,
    StatementEmpty,
    StatementKnown,
    StatementVoided,
    UnknownStatement,
    WhichBankAccount,
    WrongAccount,
    WrongCurrency,
)
from core.invoicing.banking.formats import BYTES_MAX, Layout, read_file
from core.kernel.database import rehearsal
from core.kernel.errors import DomainError
from core.kernel.money import Money
from tools.banking import packed, unpacked

IBAN = "DE02120300000000202051"


def read(content: str | bytes, currency: str = "EUR") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    kind, drafts, layout = read_file(raw, Layout(), currency=currency)
    return kind, drafts, layout


def amounts(content: str | bytes, currency: str = "EUR") -> list[str]:
    _, [draft], _ = read(content, currency)
    return [str(line.amount.amount) for line in draft.lines]


# Tables.

GERMAN = """Umsätze;Hausbank
Kontonummer;202051

Buchungstag;Valuta;Auftraggeber/Empfänger;Verwendungszweck;IBAN;Betrag (EUR);Saldo
13.06.2026;13.06.2026;Hausbank;Gebühr;;-9,00;2.110,00
12.06.2026;12.06.2026;Müller & Söhne;Rechnung INV-00001;DE89370400440532013000;1.119,00;2.119,00
"""
CHINESE = """交易日期,摘要,借方发生额,贷方发生额,余额,对方户名,对方账号,交易流水号
2026年6月12日,货款 INV-00001,,"1,200.00","1,200.00",艾克米自行车有限公司,6222020200112233,A1
20260613,手续费,5.00,,"1,195.00",,,A2
"""
ENGLISH = """Date\tDescription\tPaid out\tPaid in\tPayee
2026-06-12\tINV-00001\t\t119.00\tAcme
2026-06-13\tFee\t9.5\t\tBank
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_german_table_is_read_in_any_encoding_and_turned_to_the_oldest_first(
    encoding: str,
) -> None:
    kind, [draft], layout = read(GERMAN.encode(encoding))

    assert kind is StatementFormat.CSV
    assert [str(line.amount) for line in draft.lines] == ["1,119.00 EUR", "-9.00 EUR"]
    first = draft.lines[0]
    assert (first.booked_on, first.counterparty) == (date(2026, 6, 12), "Müller & Söhne")
    assert first.counterparty_account == "DE89370400440532013000"
    assert (str(draft.opening), str(draft.closing)) == ("1,000.00 EUR", "2,110.00 EUR")
    assert (layout.decimal, layout.date_order) == (",", "day")
    assert layout.columns["amount"] == ("Betrag (EUR)",)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_table_has_its_debits_and_credits_in_two_columns(encoding: str) -> None:
    _, [draft], layout = read(CHINESE.encode(encoding), "CNY")

    assert [str(line.amount) for line in draft.lines] == ["1,200.00 CNY", "-5.00 CNY"]
    assert draft.lines[0].counterparty == "艾克米自行车有限公司"
    assert [line.bank_reference for line in draft.lines] == ["A1", "A2"]
    assert str(draft.closing) == "1,195.00 CNY"
    assert layout.said().startswith("date: 交易日期 · text: 摘要 · debit: 借方发生额")


def test_an_english_table_parted_by_tabs_is_read() -> None:
    assert amounts(ENGLISH) == ["119.00", "-9.50"]


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("-12", "-12.00"),
        ("(12.30)", "-12.30"), ("12.30-", "-12.30"), ("€ 12,30", "12.30"),
        ("1 234,50", "1234.50"), ("+7.5", "7.50"), ("1,234,567", "1234567.00"),
        ("1'234.50", "1234.50"), ("\u22125.00", "-5.00"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_banks_write_them(said: str, signed: str) -> None:
    assert amounts(f'Date;Amount\n2026-06-12;"{said}"\n') == [signed]


@settings(max_examples=60)
@given(st.integers(-(10**12), 10**12).filter(bool), st.sampled_from([".", ","]))
def test_whatever_an_amount_is_it_is_read_to_the_cent(minor: int, decimal: str) -> None:
    group = "," if decimal == "." else "."
    said = f"{Money(minor, 'EUR').amount:,.2f}".replace(",", "\0").replace(".", decimal)
    [read_back] = amounts(f"Date;Amount\n2026-06-12;{said.replace(chr(0), group)}\n")
    assert Decimal(read_back) == Money(minor, "EUR").amount


def test_one_column_of_marks_says_which_side_it_is() -> None:
    assert amounts("Date,Amount,Dr/Cr\n2026-06-12,5.00,DR\n2026-06-12,6.00,CR\n") == [
        "-5.00",
        "6.00",
    ]
    assert amounts("交易日期,金额,借贷标志\n20260612,5.00,借\n", "CNY") == ["-5.00"]


def test_what_the_whole_file_tells_is_not_asked() -> None:
    _, [draft], _ = read("Date,Amount\n03/04/2026,1.00\n25/04/2026,2.00\n")
    assert [line.booked_on for line in draft.lines] == [date(2026, 4, 3), date(2026, 4, 25)]
    _, [draft], _ = read("Date,Amount\n03/04/2026,1.00\n03/25/2026,2.00\n")
    assert [line.booked_on for line in draft.lines] == [date(2026, 3, 4), date(2026, 3, 25)]


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        ("Date,Amount\n03/04/2026,1.00\n", DatesAmbiguous, "03/04/2026"),
        ('Date;Amount\n2026-06-12;"1,234"\n', DecimalsAmbiguous, "1,234"),
        ("Date,Amount\n2026-13-45,1.00\n", FieldUnreadable, 'entry 2: "2026-13-45" is no date'),
        ("Date,Amount\n2026-06-12,12.345\n", DecimalsAmbiguous, "12.345"),
        ("Date,Amount\n2026-06-12,1.2345\n", FieldUnreadable, "entry 2"),
        ("Date,Amount\n2026-06-12,much\n", FieldUnreadable, '"much" is no amount'),
        ("Date,Amount\n2026-06-12,\n", FieldUnreadable, "entry 2"),
        ("Date,Amount,Dr/Cr\n2026-06-12,1.00,?\n", FieldUnreadable, "debit/credit"),
        ("Date,Text\n2026-06-12,x\n", ColumnsMissing, "amount; name the columns.*Date, Text"),
        ("Date,Amount\n", StatementEmpty, "no lines"),
        ("Hello,world\n1,2\n", NotAStatement, "CSV, OFX and camt"),
        ("", NotAStatement, "CSV, OFX and camt"),
        (b"\x00\x01\x02", NotAStatement, "CSV, OFX and camt"),
        (b"PK\x03\x04\x00\x00", NotAStatement, "CSV, OFX and camt"),
        (
            "Date,Amount,Balance\n2026-06-12,1.00,11.00\n2026-06-13,1.00,13.00\n",
            BalanceDoesNotFollow,
            "Line 3: the balance 13.00 EUR",
        ),
        (
            "Date,Amount,Currency\n2026-06-12,1.00,EUR\n2026-06-12,1.00,USD\n",
            WrongCurrency,
            "EUR, USD",
        ),
    ],
)
def test_a_table_that_is_not_sound_is_refused_with_its_line(
    content: str | bytes, refusal: type[DomainError], said: str
) -> None:
    with pytest.raises(refusal, match=said) as refused:
        read(content)
    assert refused.value.message("zh") != refused.value.message("en")


# OFX.

HEAD = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def ofx(lines: str, *, account: str = IBAN, balance: str = "1110.00", currency: str = "EUR") -> str:
    return (
        f"<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}\n<BANKACCTFROM><BANKID>1"
        f"<ACCTID>{account}</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20260601<DTEND>20260614\n{lines}"
        f"</BANKTRANLIST>\n<LEDGERBAL><BALAMT>{balance}<DTASOF>20260614</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


LINES = (
    "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260612120000[-5:EST]<TRNAMT>119.00<FITID>A1"
    "<NAME>ACME &amp; SONS<MEMO>INV-00001</STMTTRN>\n"
    "<STMTTRN><TRNTYPE>FEE<DTPOSTED>20260613<TRNAMT>-9,00<FITID>A2<NAME>Bank<MEMO></STMTTRN>\n"
)


def test_an_ofx_file_is_read_in_its_older_and_its_newer_form() -> None:
    closed = (
        LINES.replace("<FITID>A1", "<FITID>A1</FITID>")
        .replace("SONS<", "SONS</NAME><")
        .replace("<MEMO></S", "<MEMO></MEMO></S")
    )
    for content in (HEAD + ofx(LINES), '<?xml version="1.0"?><?OFX VERSION="211"?>' + ofx(closed)):
        kind, [draft], layout = read(content)

        assert (kind, layout) == (StatementFormat.OFX, None)
        assert [str(line.amount) for line in draft.lines] == ["119.00 EUR", "-9.00 EUR"]
        assert draft.lines[0].counterparty == "ACME & SONS"
        assert [line.bank_reference for line in draft.lines] == ["A1", "A2"]
        assert (draft.account, draft.from_on) == (IBAN, date(2026, 6, 1))
        assert (str(draft.opening), str(draft.closing)) == ("1,000.00 EUR", "1,110.00 EUR")


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (HEAD + ofx(LINES)[:-30], FileBroken, "OFX file cannot be read at line .*ends inside"),
        (HEAD + ofx(LINES)[:300], FileBroken, "it ends inside"),
        (HEAD + "<OFX></BANKTRANLIST></OFX>", FileBroken, "closes nothing"),
        (HEAD + "<OFX>" + "<A>" * 60, FileBroken, "too deep"),
        (HEAD + ofx(LINES.replace("119.00", "11x")), FieldUnreadable, '"11x" is no amount'),
        (HEAD + ofx(LINES.replace("20260613", "20261399")), FieldUnreadable, "DTPOSTED"),
        (HEAD + ofx(LINES.replace("<TRNAMT>-9,00", "")), FieldUnreadable, "TRNAMT"),
        (HEAD + ofx(LINES, currency="EURO"), FieldUnreadable, "CURDEF"),
        (HEAD + ofx(""), StatementEmpty, "no lines"),
        (
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>' + ofx(LINES),
            FileBroken,
            "a declaration",
        ),
    ],
)
def test_an_ofx_file_that_is_not_sound_is_refused(
    content: str, refusal: type[DomainError], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        read(content)


# camt.

PART = """<TxDtls><Refs><EndToEndId>{e2e}</EndToEndId></Refs>
<AmtDtls><InstdAmt><Amt Ccy="USD">{usd}</Amt></InstdAmt>
<TxAmt><Amt Ccy="EUR">{eur}</Amt></TxAmt></AmtDtls>
<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">{fee}</TtlChrgsAndTaxAmt></Chrgs>
<RltdPties><Dbtr><Nm>Acme Bikes</Nm></Dbtr>
<DbtrAcct><Id><IBAN>FR76 3000</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>Thanks</Ustrd><Ustrd>for all</Ustrd>
<Strd><CdtrRefInf><Ref>INV-00001</Ref></CdtrRefInf></Strd></RmtInf>
</TxDtls>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{eur}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{ref}</AcctSvcrRef>
<NtryDtls>{parts}</NtryDtls><AddtlNtryInf>note</AddtlNtryInf></Ntry>"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{eur}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""


def entry(eur: str, side: str = "CRDT", ref: str = "R1", parts: str = "", **more: str) -> str:
    given = {"status": "BOOK", "day": "2026-06-12", **more}
    return ENTRY.format(eur=eur, side=side, ref=ref, parts=parts, **given)


def part(eur: str, e2e: str = "NOTPROVIDED", usd: str = "20.00", fee: str = "0.00") -> str:
    return PART.format(eur=eur, e2e=e2e, usd=usd, fee=fee)


def camt(entries: str, *, opening: str = "1000.00", closing: str = "1119.00") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
        f"<ElctrncSeqNb>7</ElctrncSeqNb><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{BALANCE.format(kind='OPBD', eur=opening, day='2026-06-12')}"
        f"{BALANCE.format(kind='CLBD', eur=closing, day='2026-06-12')}"
        f"{entries}</Stmt></BkToCstmrStmt></Document>"
    )


def test_a_camt_statement_is_read_with_all_that_the_bank_says() -> None:
    kind, [draft], _ = read(camt(entry("119.00", parts=part("119.00", "E2E-1", "130.00", "1.50"))))

    assert kind is StatementFormat.CAMT
    [line] = draft.lines
    assert (str(line.amount), line.text, line.reference) == (
        "119.00 EUR",
        "Thanks for all",
        "INV-00001",
    )
    assert (line.end_to_end_id, line.counterparty_account) == ("E2E-1", "FR763000")
    assert (str(line.foreign), str(line.charges)) == ("130.00 USD", "1.50 EUR")
    assert (str(draft.opening), str(draft.closing), draft.account) == (
        "1,000.00 EUR",
        "1,119.00 EUR",
        IBAN,
    )


def test_a_collected_entry_is_parted_as_the_bank_parts_it_and_pending_ones_are_left_out() -> None:
    entries = (
        entry("30.00", parts=part("10.00") + part("20.00"))
        + entry("5.00", "DBIT", "R2")
        + entry("99.00", status="PDNG", ref="R3")
        + entry("7.00", parts=part("1.00") + part("2.00"), ref="R4")
    )
    _, [draft], _ = read(camt(entries))

    assert [(str(line.amount.amount), line.bank_reference) for line in draft.lines] == [
        ("10.00", "R1/1"),
        ("20.00", "R1/2"),
        ("-5.00", "R2"),
        ("7.00", "R4"),
    ]


BOMB = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "refusal", "said"),
    [
        (camt(entry("1.00"))[:-40], FileBroken, "line .*cut off or damaged"),
        (BOMB + camt(entry("1.00"))[38:], FileBroken, "never read"),
        (camt(entry("1,x")), FieldUnreadable, '"1,x" is no Amt'),
        (camt(entry("1.00", side="UP")), FieldUnreadable, "CdtDbtInd"),
        (camt(entry("1.00", day="12.06.2026")), FieldUnreadable, "BookgDt"),
        (camt(entry("1.00", day="2026-02-30")), FieldUnreadable, "2026-02-30"),
        (camt(""), StatementEmpty, "no lines"),
    ],
)
def test_a_camt_file_that_is_not_sound_is_refused(
    content: str, refusal: type[DomainError], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        read(content)


def test_a_file_may_be_packed_for_the_road_and_never_unpacks_to_more_than_a_file() -> None:
    assert unpacked(packed(b"abc"), "gzip") == b"abc"
    assert packed(b"abc") == packed(b"abc")
    assert unpacked("abc", "text") == b"abc"
    bomb = base64.b64encode(gzip.compress(b"\0" * (BYTES_MAX + 10))).decode()
    with pytest.raises(FileTooLarge):
        unpacked(bomb, "gzip")
    for broken in ("???", base64.b64encode(b"no gzip").decode()):
        with pytest.raises(NotAStatement):
            unpacked(broken, "gzip")
    with pytest.raises(FileTooLarge, match="10,000,001 B"):
        read(b"x" * (BYTES_MAX + 1))


# Into the house.


@dataclass(frozen=True)
class House:
    session: Session

    def imports(self, content: str, **more: Any) -> list[banking.Imported]:
        return banking.import_statement(self.session, content.encode(), **more)

    def lines(self) -> list[str]:
        found = banking.list_lines(self.session)
        return [f"{line.booked_on} {line.amount.amount} {line.text}" for line in found]


@pytest.fixture
def house(session: Session) -> Iterator[House]:
    ledger.open_bank_account(session, code="MAIN", name="House bank", account="1010", iban=IBAN)
    yield House(session)
    assert verify_books(session) == []


def table(*rows: str, header: str = "Date,Amount,Description") -> str:
    return "\n".join([header, *rows]) + "\n"


def test_a_file_and_a_line_are_imported_once_however_often_they_come(house: House) -> None:
    first = table("2026-06-12,3.00,coffee", "2026-06-12,3.00,coffee", "2026-06-13,5.00,tea")
    [done] = house.imports(first, file_name="june.csv")
    assert (done.new, done.known, done.statement.file_name) == (3, 0, "june.csv")

    with pytest.raises(StatementKnown, match=done.statement.number):
        house.imports(first)
    with pytest.raises(NothingNew, match="All 2 lines"):
        house.imports(table("2026-06-12,3.00,coffee", "2026-06-13,5.00,tea"))
    [more] = house.imports(
        table("2026-06-12,3.00,coffee", "2026-06-12,3.00,coffee", "2026-06-12,3.00,coffee")
    )

    assert (more.new, more.known) == (1, 2)
    assert len(house.lines()) == 4


def test_the_same_lines_in_another_format_are_known(house: House) -> None:
    house.imports(HEAD + ofx(LINES))

    [done] = house.imports(
        table("2026-06-12,119.00,Acme INV-00001", "2026-06-13,-9.00,Fee", "2026-06-14,1.00,new")
    )

    assert (done.new, done.known) == (1, 2)
    assert house.lines()[-1] == "2026-06-14 1.00 new"


def test_what_was_learned_of_a_table_is_used_for_the_next(house: House) -> None:
    header = "Date;Amount;Description"
    house.imports(table('03/04/2026;"1,234";a', header=header), date_order="month", decimal=".")

    house.imports(table('05/06/2026;"2,345";b', header=header))

    assert house.lines() == ["2026-03-04 1234.00 a", "2026-05-06 2345.00 b"]


def test_balances_must_add_up_and_a_gap_between_statements_is_told(house: House) -> None:
    [first] = house.imports(camt(entry("119.00")))
    assert first.gap is None

    with pytest.raises(StatementDoesNotAddUp, match=r"make 1,119.00 EUR, not the closing 1,120.00"):
        house.imports(camt(entry("119.00", ref="R7"), closing="1120.00"))
    later = entry("5.00", ref="R9", day="2026-06-14")
    [done] = house.imports(camt(later, opening="1130.00", closing="1135.00"))

    assert str(done.gap) == "11.00 EUR"
    account = ledger.bank_account_named(house.session, "MAIN")
    report = banking.reconcile(house.session, account)
    assert (str(report.bank), str(report.unexplained)) == ("1,135.00 EUR", "0.00 EUR")
    assert [(each.cause, str(each.amount)) for each in report.explanations] == [
        ("only_at_bank", "-119.00 EUR"),
        ("before_first_statement", "-1,000.00 EUR"),
        ("only_at_bank", "-5.00 EUR"),
        ("statement_gap", "-11.00 EUR"),
    ]


def test_a_file_of_another_account_or_currency_is_refused_whole(house: House) -> None:
    ledger.open_account(
        house.session, code="1021", name="USD", name_zh="美元", kind=ledger.AccountKind.ASSET,
        currency="USD",
    )  # fmt: skip
    ledger.open_bank_account(house.session, code="USD", name="Dollars", account="1021")

    with pytest.raises(WrongAccount, match="DE9999999999, and MAIN is DE02"):
        house.imports(HEAD + ofx(LINES, account="DE9999999999"), bank_account="MAIN")
    with pytest.raises(WhichBankAccount, match="MAIN House bank, USD Dollars"):
        house.imports(table("2026-06-12,3.00,coffee"))
    with pytest.raises(WrongCurrency, match="EUR, and the bank account USD is in USD"):
        house.imports(HEAD + ofx(LINES, account="77"), bank_account="USD")
    assert house.lines() == []

    # A part of its number is enough to find the account.
    [done] = house.imports(HEAD + ofx(LINES, account="0000202051"))
    assert done.new == 2


def test_a_statement_of_the_wrong_account_is_voided_and_its_file_can_come_again(
    house: House,
) -> None:
    content = table("2026-06-12,3.00,coffee")
    [done] = house.imports(content)

    banking.void_statement(house.session, done.statement.number, because="wrong account")

    assert house.lines() == []
    with pytest.raises(StatementVoided):
        banking.void_statement(house.session, done.statement.number, because="twice")
    [again] = house.imports(content)
    assert again.new == 1
    with pytest.raises(UnknownStatement):
        banking.statement_view(house.session, "BST-99")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bank_line SET amount_minor = 1",
        "UPDATE bank_line SET text = 'x', voided = true",
        "DELETE FROM bank_line",
        "UPDATE bank_statement SET closing_minor = 1",
        "DELETE FROM bank_statement",
        """
        INSERT INTO bank_line SELECT 'BL-9', statement_id, bank_account_id, 9, booked_on, NULL,
            1, currency, NULL, NULL, 0, '', '', '', '', '', '', 'f', 1, false, gen_random_uuid(),
            now() FROM bank_line
        """,
    ],
)
def test_the_database_keeps_what_the_bank_said(house: House, statement: str) -> None:
    house.imports(table("2026-06-12,3.00,coffee"))

    with (
        pytest.raises(DatabaseError, match=r"it stays|no place for line"),
        house.session.begin_nested(),
    ):
        house.session.execute(text(statement))


def test_the_database_adds_up_a_statement_by_itself(founded: Engine) -> None:
    with pytest.raises(DatabaseError, match="do not add up"), rehearsal(founded) as session:
        account = ledger.open_bank_account(session, code="A", name="A", account="1010")
        session.execute(
            text(
                "INSERT INTO bank_statement VALUES ('BST-1', :account, 'csv', '', '', 1, '',"
                " '2026-06-01', '2026-06-02', 'EUR', 0, 5, 0, 0, false, gen_random_uuid(), now())"
            ),
            {"account": account.id},
        )
