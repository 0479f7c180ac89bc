"""What a line is for: cases that a bookkeeper knows, and promises about every case."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.invoicing.banking import (
    Booked,
    Certainty,
    Document,
    For,
    Gap,
    Line,
    OwnAccount,
    Proposal,
    Rule,
    Way,
    World,
    propose,
)
from core.invoicing.banking.settlements import combinations
from core.kernel.money import Money

DAY = date(2026, 6, 15)
ACME, GLOBEX = "FR7630006000011234567890189", "DE89370400440532013000"


def eur(amount: str, currency: str = "EUR") -> Money:
    return Money.of(amount, currency)


def line(amount: str, text: str = "", who: str = "", **more: object) -> Line:
    given: dict[str, object] = {"number": "L1", "booked_on": DAY, "account": "MAIN", **more}
    return Line(amount=eur(amount), text=text, counterparty=who, **given)  # type: ignore[arg-type]


def owed(number: str, amount: str, party: str = "C-1", **more: object) -> Document:
    """Return an open document: of Acme (C-1), which pays from an account known, or of another."""
    names = {"C-1": ("Acme Bikes GmbH", "艾克米自行车有限公司"), "C-2": ("Globex Retail Ltd",)}
    accounts = {"C-1": (ACME,), "C-2": (GLOBEX,)}
    given: dict[str, object] = {
        "way": Way.IN,
        "due_on": DAY,
        "posted_on": DAY - timedelta(days=30),
        "party_names": names.get(party, (party,)),
        "party_accounts": accounts.get(party, ()),
        **more,
    }
    return Document(number=number, party=party, open=eur(amount), **given)  # type: ignore[arg-type]


def booked(number: str, amount: str, days: int = 0, **more: object) -> Booked:
    day = DAY + timedelta(days=days)
    return Booked(number, eur(amount), day, "MAIN", **more)  # type: ignore[arg-type]


def one(given: Line, *documents: Document, **world: object) -> Proposal:
    [found] = propose([given], World(documents=documents, **world))  # type: ignore[arg-type]
    return found


def short(found: Proposal) -> tuple[str, str, str]:
    """Say a proposal in short: for what, how sure, and the parts or candidates."""
    parts = " ".join(f"{part.number}={part.amount.amount}" for part in found.parts)
    extra = f" rest {found.rest.amount}" if found.rest is not None and found.rest.minor else ""
    extra += f" {found.cause} {found.gap.amount}" if found.gap is not None else ""
    said = parts + extra or found.rule or found.target or "?" + "/".join(found.candidates)
    return found.purpose.value, found.certainty.value, said


A, B, C = owed("INV-00001", "100"), owed("INV-00002", "60"), owed("INV-00003", "40")
DISCOUNTED = replace(A, discount=eur("2"), discount_until=DAY)
TOLERANT = Rule("BR-1", "6110", settles=True, tolerance_minor=150)
FIVE_PERCENT = Rule("BR-2", "6110", settles=True, tolerance_percent=Decimal(5))
FEES = Rule("BR-3", "6030", contains="fee", way=Way.OUT)

CASES: list[tuple[str, Line, tuple[Document, ...], dict[str, object], tuple[str, str, str]]] = [
    ("names it, exactly", line("100", "Re INV-00001"), (A, B), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("names it as people write", line("100", "payment inv 1, thanks"), (A, B), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("Chinese around it", line("100", "支付INV-00001货款"), (A, B), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("a longer number is another", line("100", "INV-000012"), (A,), {},
     ("documents", "likely", "INV-00001=100.00")),
    ("by their own number", line("-80", "R-2026/0118"),
     (owed("BILL-00001", "80", "S-1", way=Way.OUT, references=("R 2026-118",)),), {},
     ("documents", "certain", "BILL-00001=80.00")),
    ("a year is no number", line("70", "dues 2026"),
     (owed("INV-00009", "80", references=("2026",)),), {},
     ("nothing_found", "ask", "?")),
    ("in the reference of the payer", line("100", reference="INV-00001"), (A,), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("in the end-to-end id", line("100", end_to_end_id="INV-00001"), (A,), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("names several that add up", line("160", "INV-00001 and INV-00002"), (A, B, C), {},
     ("documents", "certain", "INV-00001=100.00 INV-00002=60.00")),
    ("names it, and pays a part", line("30", "INV-00001"), (A,), {},
     ("documents", "likely", "INV-00001=30.00")),
    ("names two, and pays a part", line("120", "INV-00001 INV-00002"), (A, B), {},
     ("documents", "likely", "INV-00001=100.00 INV-00002=20.00")),
    ("names it, and pays more", line("110", "INV-00001"), (A,), {},
     ("documents", "likely", "INV-00001=100.00 rest 10.00")),
    ("the discount is in time", line("98", "INV-00001"), (DISCOUNTED,), {},
     ("documents", "certain", "INV-00001=100.00 early_discount 2.00")),
    ("the discount is late", line("98", "INV-00001"),
     (replace(DISCOUNTED, discount_until=DAY - timedelta(days=1)),), {},
     ("documents", "likely", "INV-00001=98.00")),
    ("the bank kept a fee", line("98.5", "INV-00001", charges=eur("1.5")), (A,), {},
     ("documents", "certain", "INV-00001=100.00 bank_fee 1.50")),
    ("the bank took a fee besides", line("-101.5", "BILL-00001", charges=eur("1.5")),
     (owed("BILL-00001", "100", "S-1", way=Way.OUT),), {},
     ("documents", "certain", "BILL-00001=100.00 bank_fee 1.50")),
    ("a cent is rounding", line("99.99", "INV-00001"), (A,), {},
     ("documents", "certain", "INV-00001=100.00 rounding 0.01")),
    ("within the amount of a rule", line("98.50", "INV-00001"), (A,), {"rules": [TOLERANT]},
     ("documents", "certain", "INV-00001=100.00 write_off 1.50")),
    ("beyond the amount of a rule", line("98.49", "INV-00001"), (A,), {"rules": [TOLERANT]},
     ("documents", "likely", "INV-00001=98.49")),
    ("within the share of a rule", line("95", "INV-00001"), (A,), {"rules": [FIVE_PERCENT]},
     ("documents", "certain", "INV-00001=100.00 write_off 5.00")),
    ("of several parties", line("200", "INV-00001 INV-00004"), (A, owed("INV-00004", "100", "C-2")),
     {}, ("documents", "ask", "?INV-00001/INV-00004")),
    ("somebody else pays it", line("100", "INV-00001", counterparty_account=GLOBEX),
     (A, owed("INV-00004", "7", "C-2")), {}, ("documents", "likely", "INV-00001=100.00")),
    ("known account, exact amount", line("60", counterparty_account=ACME), (A, B, C), {},
     ("documents", "certain", "INV-00002=60.00")),
    ("the very name, exact amount", line("60", who="ACME BIKES"), (A, B, C), {},
     ("documents", "certain", "INV-00002=60.00")),
    ("the Chinese name", line("60", who="艾克米自行车"), (A, B, C), {},
     ("documents", "certain", "INV-00002=60.00")),
    ("the name in the text", line("60", "transfer acme bikes june"), (A, B, C), {},
     ("documents", "likely", "INV-00002=60.00")),
    ("two of the same amount", line("100", counterparty_account=ACME),
     (A, owed("INV-00005", "100")), {}, ("documents", "ask", "?INV-00001/INV-00005")),
    ("several add up in one way", line("160", counterparty_account=ACME), (A, B, C), {},
     ("documents", "likely", "INV-00001=100.00 INV-00002=60.00")),
    ("several add up in two ways", line("100", counterparty_account=ACME),
     (owed("INV-00006", "50"), owed("INV-00007", "30"), owed("INV-00008", "20"), B, C), {},
     ("documents", "ask", "?INV-00002/INV-00003/INV-00006/INV-00007/INV-00008")),
    ("known, and fits nothing", line("33", counterparty_account=ACME), (A, B), {},
     ("on_account", "ask", "?INV-00001/INV-00002")),
    ("nothing but the amount", line("60"), (A, B), {}, ("documents", "likely", "INV-00002=60.00")),
    ("nothing but an amount of two", line("60"), (B, owed("INV-00004", "60", "C-2")), {},
     ("documents", "ask", "?INV-00002/INV-00004")),
    ("the other way", line("-60"), (A, B), {}, ("nothing_found", "ask", "?")),
    ("posted after the money came", line("60"), (replace(B, posted_on=DAY + timedelta(days=1)),),
     {}, ("nothing_found", "ask", "?")),
    ("a rule", line("-9", "Monthly FEE"), (A,), {"rules": [FEES]},
     ("bank_rule", "certain", "BR-3")),
    ("the first rule", line("-9", "fee"), (), {"rules": [replace(FEES, number="BR-0"), FEES]},
     ("bank_rule", "certain", "BR-0")),
    ("a rule of the other way", line("9", "fee"), (), {"rules": [FEES]},
     ("nothing_found", "ask", "?")),
    ("a rule of other amounts", line("-9", "fee"), (), {"rules": [replace(FEES, amount_from=1000)]},
     ("nothing_found", "ask", "?")),
    ("a rule of another account", line("-9", "fee"), (), {"rules": [replace(FEES, account="X")]},
     ("nothing_found", "ask", "?")),
    ("what is named beats a rule", line("-100", "fee BILL-00001"),
     (owed("BILL-00001", "100", "S-1", way=Way.OUT),), {"rules": [FEES]},
     ("documents", "certain", "BILL-00001=100.00")),
    ("our own account", line("-500", counterparty_account="DE77"), (),
     {"own_accounts": [OwnAccount("SAVE", "DE77"), OwnAccount("MAIN", "DE78")]},
     ("own_transfer", "certain", "SAVE")),
    ("in the books, by the document", line("100", "INV-00001"), (),
     {"booked": [booked("RCT-00001", "100", -3, references=("INV-00001",))]},
     ("already_booked", "certain", "RCT-00001=100.00")),
    ("in the books, by the party", line("100", counterparty_account=ACME), (),
     {"booked": [booked("RCT-00001", "100", -3, party="C-1", party_accounts=(ACME,))]},
     ("already_booked", "certain", "RCT-00001=100.00")),
    ("in the books, by the amount", line("-900"), (), {"booked": [booked("JE-00007", "-900", 2)]},
     ("already_booked", "likely", "JE-00007=-900.00")),
    ("in the books, but long ago", line("-900"), (), {"booked": [booked("JE-00007", "-900", -60)]},
     ("nothing_found", "ask", "?")),
    ("in the books twice", line("-900"), (),
     {"booked": [booked("JE-00007", "-900"), booked("JE-00008", "-900")]},
     ("already_booked", "ask", "?JE-00007/JE-00008")),
    ("a collective line of what is booked", line("160", "RCT-1 RCT-2"), (),
     {"booked": [booked("RCT-00001", "100"), booked("RCT-00002", "60")]},
     ("already_booked", "certain", "RCT-00001=100.00 RCT-00002=60.00")),
    ("paid in another currency, as the bank says", line("92", "x", foreign=eur("100", "USD"),
     counterparty_account=ACME), (replace(A, open=eur("100", "USD")),), {},
     ("documents", "certain", "INV-00001=100.00")),
    ("named, in another currency", line("92", "INV-00001"), (replace(A, open=eur("100", "USD")),),
     {}, ("documents", "likely", "INV-00001=100.00")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "documents", "world", "wanted"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_line_is_for_what_a_bookkeeper_would_say(
    given: Line,
    documents: tuple[Document, ...],
    world: dict[str, object],
    wanted: tuple[str, str, str],
) -> None:
    found = one(given, *documents, **world)

    assert short(found) == wanted
    assert found.because("en")
    assert found.because("zh") != found.because("en")


def test_two_lines_never_settle_the_same_document_twice() -> None:
    lines = [line("100", "INV-00001"), line("100", "INV-00001", number="L2")]

    first, second = propose(lines, World(documents=[A]))

    assert short(first) == ("documents", "certain", "INV-00001=100.00")
    assert short(second) == ("nothing_found", "ask", "?")


def test_what_is_named_wins_over_what_only_fits_whichever_comes_first() -> None:
    fits = line("60", number="L1", booked_on=DAY - timedelta(days=5))
    names = line("60", "INV-00002", number="L2")

    only_fits, named = propose([fits, names], World(documents=[B]))

    assert short(named) == ("documents", "certain", "INV-00002=60.00")
    assert only_fits.purpose is For.NOTHING


def test_two_lines_that_want_the_same_are_both_asked_about() -> None:
    lines = [line("60"), line("60", number="L2")]

    assert [short(each)[1:] for each in propose(lines, World(documents=[B]))] == [
        ("ask", "?INV-00002")
    ] * 2
    entries = World(booked=[booked("JE-00001", "60")])
    assert [each.certainty for each in propose(lines, entries)] == [Certainty.ASK] * 2


def test_several_lines_together_are_one_document_or_one_entry() -> None:
    lines = [
        line("70", counterparty_account=ACME),
        line("30", counterparty_account=ACME, number="L2"),
    ]

    found = propose(lines, World(documents=[A]))
    assert [short(each) for each in found] == [
        ("documents", "likely", "INV-00001=70.00"),
        ("documents", "likely", "INV-00001=30.00"),
    ]
    payment = booked("RCT-00001", "100", party="C-1", party_accounts=(ACME,))
    assert [short(each) for each in propose(lines, World(booked=[payment]))] == [
        ("already_booked", "likely", "RCT-00001=70.00"),
        ("already_booked", "likely", "RCT-00001=30.00"),
    ]


def test_both_sides_of_a_transfer_find_each_other() -> None:
    lines = [line("-500"), line("500", account="SAVE", number="L2", booked_on=DAY)]

    assert [short(each) for each in propose(lines, World())] == [
        ("own_transfer", "likely", "SAVE"),
        ("own_transfer", "likely", "MAIN"),
    ]


def test_reasons_are_said_in_both_languages() -> None:
    found = one(line("98", "INV-00001"), DISCOUNTED)

    assert found.because() == "names INV-00001, early payment discount 2.00 EUR"
    assert found.because("zh") == "提及 INV-00001，提前付款折扣 2.00 EUR"
    assert found.cause is Gap.DISCOUNT


amounts = st.integers(1, 400)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(amounts, st.sampled_from(["C-1", "C-2"]), st.booleans()), max_size=7),
    st.lists(
        st.tuples(amounts, st.sampled_from(["", ACME, GLOBEX]), st.integers(0, 9)), max_size=7
    ),
    st.randoms(use_true_random=False),
)
def test_nothing_is_used_twice_and_the_order_of_the_input_changes_nothing(
    owing: list[tuple[int, str, bool]], came: list[tuple[int, str, int]], shuffled: object
) -> None:
    documents = [
        owed(f"INV-{place:05d}", str(minor), party, way=Way.IN if incoming else Way.OUT)
        for place, (minor, party, incoming) in enumerate(owing, start=1)
    ]
    lines = [
        line(str(minor), f"INV-{named}", number=f"L{place}", counterparty_account=account)
        for place, (minor, account, named) in enumerate(came)
    ]
    rules = [TOLERANT]

    found = propose(lines, World(documents=documents, rules=rules))

    assert [each.line for each in found] == [each.number for each in lines]
    used: Counter[str] = Counter()
    for given_line, each in zip(lines, found, strict=True):
        if each.certainty is not Certainty.ASK:
            used.update({part.number: part.amount.minor for part in each.parts})
        if each.purpose is For.DOCUMENTS and each.parts:
            assert each.rest is not None
            settled = sum(part.amount.minor for part in each.parts)
            gap = each.gap.minor if each.gap is not None else 0
            assert settled - gap + each.rest.minor == given_line.amount.minor
    assert all(used[each.number] <= each.open.minor for each in documents)
    again = lines[:]
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    other = propose(again, World(documents=documents[::-1], rules=rules))
    assert {each.line: each for each in other} == {each.line: each for each in found}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=9), st.integers(1, 120))
def test_a_combination_adds_up_and_is_found_if_there_is_one(owing: list[int], wanted: int) -> None:
    found = combinations(owing, wanted, int, most=2)

    assert all(sum(group) == wanted and len(group) > 1 for group in found)
    ways = {
        tuple(sorted(place for place in range(len(owing)) if mask >> place & 1))
        for mask in range(1 << len(owing))
        if mask.bit_count() > 1
        and sum(each for place, each in enumerate(owing) if mask >> place & 1) == wanted
    }
    assert len(found) == min(len(ways), 2)


def test_a_search_that_would_take_too_long_counts_as_ambiguous() -> None:
    many = [2 * each for each in range(40, 64)]

    assert len(combinations(many, 2 * 640, int, most=2)) in {0, 2}
