"""Propose what each line of the bank is for: `propose`, a pure function."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.invoicing.banking import settlements
from core.invoicing.banking.evidence import Evidence, Known, Somebody, fits, own_account_of
from core.invoicing.banking.rules import (
    DAYS_APART_MAX,
    SEARCHED_MAX,
    SHOWN_MAX,
    Booked,
    Certainty,
    Document,
    For,
    Gap,
    Line,
    Open,
    Part,
    Proposal,
    World,
)
from core.invoicing.banking.settlements import Settlement, combinations, settled
from core.invoicing.banking.tables import Way
from core.kernel.money import Money

_Step = Callable[[Line, Open, Evidence], Proposal | None]
_HOW = {
    Known.ACCOUNT: "known_account_of",
    Known.NAME: "name_of",
    Known.PART_OF_NAME: "names_party",
}


def propose(lines: Sequence[Line], world: World) -> list[Proposal]:
    """Return one proposal for each line, in the order of the lines.

    What is named beats what only fits, and nothing is used twice: the strongest evidence is
    asked of all lines first, the next one of those that are left.
    """
    still, evidence = Open(world), Evidence(world.documents, world.booked)
    waiting = sorted(lines, key=lambda line: (line.booked_on, line.number))

    def go(step: _Step) -> None:
        for line in waiting:
            if line.number not in still.found and (found := step(line, still, evidence)):
                still.take(found)

    for step in (_booked_for_certain, _named_documents, _to_own_account, _party_for_certain, _rule):
        go(step)
    for found in _several_lines(waiting, still, evidence):
        still.take(found)
    go(_party)
    for found in (*_booked_by_amount(waiting, still), *_own_pairs(waiting, still)):
        still.take(found)
    for found in _documents_by_amount(waiting, still):
        still.take(found)
    go(_nothing)
    return [still.found[line.number] for line in lines]


def _booked_for_certain(line: Line, still: Open, evidence: Evidence) -> Proposal | None:
    """Find what is in the books already, by its name or by who is at the other end."""
    named, who = evidence.named_by(line), evidence.somebody(line)
    free = still.booked(line)
    called = [each for each in free if each.number in named]
    if called and sum(each.amount.minor for each in called) == line.amount.minor:
        return _is_booked(line, called, Certainty.CERTAIN, "names_document")
    exact = [
        each
        for each in free
        if each.party and each.party in who.parties and each.amount == line.amount
    ]
    if len(exact) == 1 and who.party:
        sure = Certainty.CERTAIN if who.known >= Known.NAME else Certainty.LIKELY
        return _is_booked(line, exact, sure, _HOW[who.known])
    theirs = [each for each in free if who.party and each.party == who.party]
    for group in combinations(theirs[:SEARCHED_MAX], line.amount.minor, _signed, most=2):
        return _is_booked(line, group, Certainty.LIKELY, _HOW[who.known])
    return None


def _named_documents(line: Line, still: Open, evidence: Evidence) -> Proposal | None:
    """Settle the documents that a line names."""
    documents = still.named(line.way, evidence.named_by(line))
    if not documents:
        return None
    reasons = [("names_document", ", ".join(each.number for each in documents))]
    if len({each.party for each in documents}) > 1:
        return _ask(line, documents, [*reasons, ("of_several_parties", "")])
    found = settled(line, documents, still)
    if found is None:
        if len(documents) > 1:
            return _ask(line, documents, [*reasons, ("in_other_currency", "")])
        whole = still.still(documents[0])
        found = Settlement((Part(documents[0].number, whole),), partial=True)
        reasons.append(("in_other_currency", str(whole)))
    who, party = evidence.somebody(line), documents[0].party
    if who.known is Known.ACCOUNT and party not in who.parties:
        reasons.append(("known_account_of", ", ".join(who.parties)))
        return _settles(line, party, found, Certainty.LIKELY, reasons)
    sure = Certainty.LIKELY if found.partial or found.rest.minor else Certainty.CERTAIN
    return _settles(line, party, found, sure, reasons)


def _to_own_account(line: Line, still: Open, _evidence: Evidence) -> Proposal | None:
    """See a transfer between our accounts by the number at the other end."""
    if code := own_account_of(line, still.world.own_accounts):
        reasons = (("own_account", code),)
        return Proposal(line.number, For.TRANSFER, Certainty.CERTAIN, target=code, reasons=reasons)
    return None


def _party_for_certain(line: Line, still: Open, evidence: Evidence) -> Proposal | None:
    found = _party(line, still, evidence)
    return found if found is not None and found.certainty is Certainty.CERTAIN else None


def _party(line: Line, still: Open, evidence: Evidence) -> Proposal | None:
    """Find what somebody pays, by the amount, among what is open of them."""
    who = evidence.somebody(line)
    if not who.parties:
        return None
    reasons = [(_HOW[who.known], ", ".join(who.parties))]
    documents = still.of_parties(line.way, who.parties)
    if not who.party:
        return _ask(line, documents, reasons)
    exact = [each for each in documents if _exactly(line, each, still)]
    if len(exact) == 1:
        found = settled(line, exact, still)
        assert found is not None, "the document is in the currency of the line"
        sure = Certainty.CERTAIN if who.known >= Known.NAME else Certainty.LIKELY
        return _settles(line, who.party, found, sure, [*reasons, ("amount_fits", exact[0].number)])
    if len(exact) > 1:
        return _ask(line, exact, [*reasons, ("fits_several", "")])
    return _combined(line, documents, still, who, reasons) or _on_account(
        line, documents, who, reasons
    )


def _combined(
    line: Line,
    documents: Sequence[Document],
    still: Open,
    who: Somebody,
    reasons: list[tuple[str, str]],
) -> Proposal | None:
    """Find one document with an explained difference, or several that add up to the line."""
    explained = [
        found
        for each in documents
        if (found := settled(line, [each], still)) and found.cause is not Gap.NONE
    ]
    if len(explained) == 1:
        reasons = [*reasons, ("amount_fits", explained[0].parts[0].number)]
        return _settles(line, who.party, explained[0], Certainty.LIKELY, reasons)
    if explained:
        return _ask(line, documents, [*reasons, ("fits_several", "")])
    same = [each for each in documents if each.open.currency == settlements.paid_in(line, each)]
    amount = settlements.amount_of(line, same[0].open.currency) if same else None
    if amount is None or len({each.open.currency for each in same}) > 1:
        return None
    groups = combinations(
        same[:SEARCHED_MAX], amount.minor, lambda each: still.still(each).minor, most=2
    )
    if len(groups) == 1:
        parts = tuple(Part(each.number, still.still(each)) for each in groups[0])
        numbers = ", ".join(part.number for part in parts)
        reasons = [*reasons, ("add_up_to_amount", numbers)]
        found = Settlement(parts, rest=Money(0, amount.currency))
        return _settles(line, who.party, found, Certainty.LIKELY, reasons)
    return _ask(line, documents, [*reasons, ("fits_several", "")]) if groups else None


def _on_account(
    line: Line, documents: Sequence[Document], who: Somebody, reasons: list[tuple[str, str]]
) -> Proposal:
    """Know who it is, and not what for."""
    asked = _ask(line, documents, [*reasons, ("amount_fits_nothing", "")])
    return replace(asked, purpose=For.ON_ACCOUNT, party=who.party)


def _rule(line: Line, still: Open, _evidence: Evidence) -> Proposal | None:
    """Book a line as the first rule says that it fits."""
    for rule in still.world.rules:
        if not rule.settles and fits(rule, line):
            return Proposal(
                line.number,
                For.RULE,
                Certainty.CERTAIN,
                target=rule.target,
                rule=rule.number,
                reasons=(("bank_rule", rule.number),),
            )
    return None


def _several_lines(lines: Sequence[Line], still: Open, evidence: Evidence) -> list[Proposal]:
    """See several lines of one party that together are one entry or one document."""
    groups: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        who = evidence.somebody(line)
        if line.number not in still.found and who.party:
            groups[who.party, line.account, line.amount.currency].append(line)
    found: list[Proposal] = []
    for (party, account, currency), group in sorted(groups.items()):
        if len(group) < 2:  # noqa: PLR2004
            continue
        whole = sum(line.amount.minor for line in group)
        entries = [
            each.number
            for each in still.world.booked
            if (each.party, each.account) == (party, account)
            and each.amount == Money(whole, currency)
            and still.left[each.number] == abs(whole)
            and _near(group[0], each)
        ]
        documents = [
            each.number
            for each in still.of_parties(group[0].way, [party])
            if still.still(each) == Money(abs(whole), currency)
        ]
        same_way = len({line.way for line in group}) == 1
        if not same_way or len(entries) + len(documents) != 1:
            continue
        purpose = For.BOOKED if entries else For.DOCUMENTS
        [number] = entries or documents
        for line in group:
            part = line.amount if entries else Money(abs(line.amount.minor), currency)
            reasons = (("lines_add_up_to", number),)
            found.append(
                Proposal(
                    line.number,
                    purpose,
                    Certainty.LIKELY,
                    (Part(number, part),),
                    party,
                    Money(0, currency),
                    reasons=reasons,
                )
            )
    return found


def _booked_by_amount(lines: Sequence[Line], still: Open) -> list[Proposal]:
    """Find entries of the same amount near in time; what two lines want is asked about."""
    wants = {
        line.number: [each for each in still.booked(line) if each.amount == line.amount]
        for line in lines
        if line.number not in still.found
    }
    wanted = Counter(each.number for hits in wants.values() for each in hits)
    found = []
    for line in lines:
        hits = wants.get(line.number, [])
        if len(hits) == 1 and wanted[hits[0].number] == 1:
            found.append(_is_booked(line, hits, Certainty.LIKELY, "same_amount_and_days"))
        elif hits:
            candidates = tuple(each.number for each in hits[:SHOWN_MAX])
            reasons = (("same_amount_and_days", ""), ("fits_several", ""))
            found.append(
                Proposal(
                    line.number,
                    For.BOOKED,
                    Certainty.ASK,
                    reasons=reasons,
                    candidates=candidates,
                )
            )
    return found


def _own_pairs(lines: Sequence[Line], still: Open) -> list[Proposal]:
    """See transfers by both of their sides: the same amount, on two of our accounts."""
    free = [line for line in lines if line.number not in still.found]
    others = {
        line.number: [
            each
            for each in free
            if each.account != line.account
            and each.amount == -line.amount
            and abs((each.booked_on - line.booked_on).days) <= DAYS_APART_MAX
        ]
        for line in free
    }
    return [
        Proposal(
            line.number,
            For.TRANSFER,
            Certainty.LIKELY,
            target=others[line.number][0].account,
            reasons=(("other_side_is", others[line.number][0].number),),
        )
        for line in free
        if len(others[line.number]) == 1 and len(others[others[line.number][0].number]) == 1
    ]


def _documents_by_amount(lines: Sequence[Line], still: Open) -> list[Proposal]:
    """Find documents by nothing but the amount; what two lines want is asked about."""
    fitting: dict[tuple[Way, Money], list[Document]] = defaultdict(list)
    for document in still.documents():
        fitting[document.way, still.still(document)].append(document)
    wants = {
        line.number: [
            each
            for amount in (line.amount, line.foreign)
            if amount is not None
            for each in fitting.get((line.way, Money(abs(amount.minor), amount.currency)), ())
            if each.posted_on <= line.booked_on
        ]
        for line in lines
        if line.number not in still.found
    }
    wanted = Counter(each.number for hits in wants.values() for each in hits)
    found = []
    for line in lines:
        hits = wants.get(line.number, [])
        reasons = [("amount_fits", ", ".join(each.number for each in hits[:SHOWN_MAX]))]
        if len(hits) == 1 and wanted[hits[0].number] == 1:
            settlement = settled(line, hits, still)
            assert settlement is not None, "the document is in the currency of the line"
            found.append(_settles(line, hits[0].party, settlement, Certainty.LIKELY, reasons))
        elif hits:
            found.append(_ask(line, hits, [*reasons, ("fits_several", "")]))
    return found


def _nothing(line: Line, _still: Open, _evidence: Evidence) -> Proposal:
    return Proposal(line.number, For.NOTHING, Certainty.ASK, reasons=(("nothing_found", ""),))


def _near(line: Line, booked: Booked) -> bool:
    return abs((booked.booked_on - line.booked_on).days) <= DAYS_APART_MAX


def _exactly(line: Line, document: Document, still: Open) -> bool:
    return settlements.amount_of(line, document.open.currency) == still.still(document)


def _signed(booked: Booked) -> int:
    return booked.amount.minor


def _is_booked(line: Line, booked: Sequence[Booked], certainty: Certainty, reason: str) -> Proposal:
    numbers = ", ".join(each.number for each in booked)
    return Proposal(
        line.number,
        For.BOOKED,
        certainty,
        tuple(Part(each.number, each.amount) for each in booked),
        booked[0].party,
        Money(0, line.amount.currency),
        reasons=(("already_booked", numbers), (reason, "")),
    )


def _settles(
    line: Line,
    party: str,
    found: Settlement,
    certainty: Certainty,
    reasons: Sequence[tuple[str, str]],
) -> Proposal:
    said = list(reasons)
    if found.cause is not Gap.NONE:
        said.append((found.cause, str(found.gap)))
    elif found.rest.minor:
        said.append(("more_than_open", str(found.rest)))
    elif found.partial:
        said.append(("partial_payment", ""))
    return Proposal(
        line=line.number,
        purpose=For.DOCUMENTS,
        certainty=certainty,
        parts=found.parts,
        party=party,
        rest=found.rest,
        gap=found.gap,
        cause=found.cause,
        target=found.target,
        rule=found.rule,
        reasons=tuple(said),
    )


def _ask(line: Line, documents: Sequence[Document], reasons: Sequence[tuple[str, str]]) -> Proposal:
    parties = {each.party for each in documents}
    return Proposal(
        line.number,
        For.DOCUMENTS,
        Certainty.ASK,
        party=next(iter(parties)) if len(parties) == 1 else "",
        reasons=tuple(reasons),
        candidates=tuple(each.number for each in documents[:SHOWN_MAX]),
    )
