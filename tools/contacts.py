"""Tools of accounts: contacts, addresses, consent, who belongs to whom, and duplicates merged."""

from datetime import UTC, datetime, time
from functools import partial
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import parties
from core.kernel.errors import Language
from core.kernel.identity.roles import STAFF, Role
from core.kernel.words import word
from core.parties import Alike, Party, PartyKind
from core.parties.contacts import (
    AddressKind,
    AddressView,
    ContactRole,
    ContactView,
    Purpose,
    add_address,
    add_contact,
    addresses_of,
    consent_of,
    end_contact,
    group_of,
    list_contacts,
    note_consent,
    parents_of,
    remove_address,
    set_parent,
)
from core.parties.errors import UnknownParty
from core.processes import merging
from core.reporting.timeline import Moment, strand_called, timeline
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Day,
    Grid,
    Ref,
    Text,
    Tool,
    Undoing,
    as_given,
)
from tools.references import PartyRef
from tools.trade import LEADERS, READERS, SELLERS, Because

MERGE, PART = "parties.merge", "parties.part_again"
SET_PARENT, CONSENT = "parties.set_parent", "parties.note_consent"
ADD_ADDRESS, REMOVE_ADDRESS = "parties.add_address", "parties.remove_address"
END_CONTACT = "parties.end_contact"
ContactRef = Annotated[Text, Ref("contact")]
KEEPERS = STAFF - {Role.AUDITOR}


class Noted(Answer):
    """Something that is on record now."""

    number: str
    en: str
    zh: str

    def sentence(self, language: Language = "en") -> str:
        """Say what."""
        return self.zh if language == "zh" else self.en


class AddContact(Arguments):
    """Add a contact: a person at a customer or supplier, with role, mail and phone."""

    party: PartyRef = Field(description="The customer or supplier.")
    name: Text = Field(description="The person's name, or number if we know them.")
    role: ContactRole = ContactRole.OTHER
    job_title: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    is_main: bool = Field(default=False, description="The one to ask for.")


def do_add_contact(session: Session, arguments: AddContact) -> Noted:
    """Add them; who is known already is not added again."""
    account = parties.find_party(session, arguments.party)
    try:
        person = parties.find_party(session, arguments.name)
    except UnknownParty:
        person = None
    if person is None or person.kind is not PartyKind.PERSON:
        person = parties.add_party(
            session,
            name=arguments.name,
            kind=PartyKind.PERSON,
            email=arguments.email,
            phone=arguments.phone,
            language=account.language,
        )
    add_contact(
        session,
        account,
        person,
        role=arguments.role,
        job_title=arguments.job_title,
        is_main=arguments.is_main,
    )
    return Noted(
        number=person.number,
        en=f"{person.name} ({person.number}) is a contact of {account.name} now.",
        zh=f"{person.name}（{person.number}）已登记为 {account.name} 的联系人。",
    )


def undo_contact(_session: Session, arguments: AddContact, answer: dict[str, Any]) -> Undoing:
    """Note that they are no contact there."""
    call = EndContact(party=arguments.party, contact=answer["number"])
    return Undoing((Call(END_CONTACT, call),))


class EndContact(Arguments):
    """Note that a contact does not work at a customer or supplier any more."""

    contact: ContactRef = Field(description="Name or number of the person.")
    party: PartyRef = Field(description="The customer or supplier.")


def do_end_contact(session: Session, arguments: EndContact) -> Noted:
    """Note it."""
    account = parties.find_party(session, arguments.party)
    person = parties.find_party(session, arguments.contact)
    end_contact(session, account, person)
    return Noted(
        number=person.number,
        en=f"{person.name} is no contact of {account.name} any more.",
        zh=f"{person.name} 不再是 {account.name} 的联系人。",
    )


def undo_end(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("add the contact again instead", "请重新添加联系人"))


class ListContacts(Arguments):
    """List the contacts of a customer or supplier, and how they are reached."""

    party: PartyRef = Field(description="The customer or supplier.")


class ContactsListed(Answer):
    """The people at a customer or supplier."""

    account: str
    contacts: list[ContactView]
    addresses: list[AddressView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are, and who the main one is."""
        count = len(self.contacts)
        main = next((c.name for c in self.contacts if c.is_main), None)
        if language == "zh":
            return f"{self.account} 有联系人 {count} 位{f'，主要联系人 {main}' if main else ''}。"
        said = f"{self.account} has {count} {'contact' if count == 1 else 'contacts'}"
        return f"{said}, the main one is {main}." if main else f"{said}."

    def notes(self, language: Language = "en") -> list[str]:
        """Say how the party itself is reached."""
        said = [f"{word(one.kind, language)}: {one.value}" for one in self.addresses]
        return ["; ".join(said)] if said else []

    def grid(self) -> Grid:
        """Return one row for each person."""
        columns = (
            Column("number", "编号"),
            Column("name", "姓名"),
            Column("role", "角色"),
            Column("job title", "职位"),
            Column("mail", "邮箱"),
            Column("phone", "电话"),
            Column("language", "语言"),
            Column("since", "起始日期", "date"),
        )
        rows = tuple(
            (c.number, c.name, c.role, c.job_title, c.email, c.phone, c.language, c.since)
            for c in self.contacts
        )
        return Grid(columns, rows)


def do_list_contacts(session: Session, arguments: ListContacts) -> ContactsListed:
    """Read them."""
    account = parties.find_party(session, arguments.party)
    return ContactsListed(
        account=account.name,
        contacts=list_contacts(session, account.id),
        addresses=addresses_of(session, account),
    )


class AddAddress(Arguments):
    """Add a mail address, phone number or postal address of a customer, supplier or contact."""

    party: PartyRef = Field(description="Whose it is.")
    value: Text = Field(description="The address or number.")
    kind: AddressKind = AddressKind.EMAIL
    label: Text | None = Field(default=None, description="What it is for, such as invoices.")


class RemoveAddress(Arguments):
    """Remove a mail address, phone number or postal address of somebody."""

    party: PartyRef = Field(description="Whose it is.")
    value: Text = Field(description="The address or number.")
    kind: AddressKind = AddressKind.EMAIL


class AddressRemoved(Noted):
    """An address that is forgotten, and what it was for."""

    label: str


def _kind(value: str, kind: AddressKind) -> AddressKind:
    """Return what an address is by the look of it, where nobody said otherwise."""
    if kind is AddressKind.EMAIL and "@" not in value:
        return AddressKind.PHONE if any(sign.isdigit() for sign in value) else kind
    return kind


def do_add_address(session: Session, arguments: AddAddress) -> Noted:
    """Add it."""
    party = parties.find_party(session, arguments.party)
    kind = _kind(arguments.value, arguments.kind)
    add_address(session, party, kind, arguments.value, label=arguments.label or "")
    return Noted(
        number=party.number,
        en=f"{party.name}: {word(kind)} {arguments.value} is on record.",
        zh=f"{party.name}：已登记{word(kind, 'zh')} {arguments.value}。",
    )


def do_remove_address(session: Session, arguments: RemoveAddress) -> Noted:
    """Remove it."""
    party = parties.find_party(session, arguments.party)
    kind = _kind(arguments.value, arguments.kind)
    label = remove_address(session, party, kind, arguments.value)
    return AddressRemoved(
        label=label,
        number=party.number,
        en=f"{party.name}: {word(kind)} {arguments.value} is removed.",
        zh=f"{party.name}：已删除{word(kind, 'zh')} {arguments.value}。",
    )


def undo_address(_session: Session, arguments: AddAddress, answer: dict[str, Any]) -> Undoing:
    """Remove it."""
    call = RemoveAddress(party=answer["number"], value=arguments.value, kind=arguments.kind)
    return Undoing((Call(REMOVE_ADDRESS, call),))


def undo_remove(_session: Session, arguments: RemoveAddress, answer: dict[str, Any]) -> Undoing:
    """Add it again."""
    call = AddAddress(
        party=answer["number"], value=arguments.value, kind=arguments.kind,
        label=answer["label"] or None,
    )  # fmt: skip
    return Undoing((Call(ADD_ADDRESS, call),))


class NoteConsent(Arguments):
    """Note that somebody agreed to be contacted for a purpose, or withdrew that, and how."""

    party: PartyRef = Field(description="Who agreed or withdrew.")
    purpose: Purpose = Field(description="What for.")
    withdrawn: bool = Field(default=False, description="Whether it was withdrawn.")
    how: Text = Field(default="by word", description="By which form, call or letter.")


class ShowConsent(Arguments):
    """Show what somebody agreed to be contacted for, since when, and by which way."""

    party: PartyRef = Field(description="Whose consent.")


class ConsentShown(Answer):
    """What somebody agreed to."""

    name: str
    rows: list[tuple[str, str, str, str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many purposes they agreed to."""
        given = [purpose for purpose, state, *_ in self.rows if state == "given"]
        if language == "zh":
            said = "、".join(word(each, "zh") for each in given)
            return f"{self.name} 已同意：{said}。" if given else f"{self.name} 未同意任何用途。"
        said = ", ".join(given)
        return f"{self.name} agreed to: {said}." if given else f"{self.name} agreed to nothing."

    def grid(self) -> Grid:
        """Return one row for each purpose."""
        columns = (
            Column("purpose", "用途"),
            Column("state", "状态"),
            Column("at", "时间"),
            Column("how", "方式"),
            Column("noted by", "登记人"),
        )
        return Grid(columns, tuple(self.rows))


def do_note_consent(session: Session, arguments: NoteConsent) -> ConsentShown:
    """Note it."""
    party = parties.find_party(session, arguments.party)
    given = not arguments.withdrawn
    note_consent(session, party, arguments.purpose, given=given, how=arguments.how)
    return _consent(session, party)


def show_consent(session: Session, arguments: ShowConsent) -> ConsentShown:
    """Read it."""
    return _consent(session, parties.find_party(session, arguments.party))


def _consent(session: Session, party: Party) -> ConsentShown:
    return ConsentShown(
        name=party.name,
        rows=[
            (
                *(purpose.value, "given" if one.given else "withdrawn"),
                *(f"{one.at:%Y-%m-%d %H:%M}", one.how, one.noted_by),
            )
            for purpose, one in consent_of(session, party.id).items()
        ],
    )


def undo_consent(_session: Session, arguments: NoteConsent, _answer: dict[str, Any]) -> Undoing:
    """Note the contrary; that it was noted stays on record."""
    call = NoteConsent(
        party=arguments.party,
        purpose=arguments.purpose,
        withdrawn=not arguments.withdrawn,
        how="undo",
    )
    return Undoing((Call(CONSENT, call),))


class SetParent(Arguments):
    """Say to which company a customer or supplier belongs, or that it stands by itself."""

    party: PartyRef = Field(description="The branch or subsidiary.")
    parent: PartyRef | None = Field(default=None, description="The company it belongs to.")


class ParentShown(Noted):
    """To whom a party belongs now, and belonged before."""

    before: str | None


def do_set_parent(session: Session, arguments: SetParent) -> ParentShown:
    """Say it."""
    party = parties.find_party(session, arguments.party)
    parent = arguments.parent and parties.find_party(session, arguments.parent)
    before = session.get(Party, party.parent_id) if party.parent_id else None
    set_parent(session, party, parent or None)
    en = f"{party.name} belongs to {parent.name}." if parent else f"{party.name} stands alone."
    zh = f"{party.name} 隶属于 {parent.name}。" if parent else f"{party.name} 独立。"
    return ParentShown(number=party.number, en=en, zh=zh, before=before.number if before else None)


def undo_parent(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Say what it was before."""
    return Undoing((Call(SET_PARENT, SetParent(party=answer["number"], parent=answer["before"])),))


class FindDuplicates(Arguments):
    """Find customers, suppliers and contacts that may be one and the same, with the reasons."""

    party: PartyRef | None = Field(default=None, description="Empty for all.")
    limit: int = Field(default=20, ge=1, le=100)


class DuplicatesFound(Answer):
    """Records that may be one party."""

    pairs: list[Alike]

    def sentence(self, language: Language = "en") -> str:
        """Say how many pairs there are, and the surest."""
        count = len(self.pairs)
        if language == "zh":
            said = f"可能重复的记录 {count} 对"
        else:
            said = f"{count} {'pair' if count == 1 else 'pairs'} may be the same"
        for one in self.pairs[:1]:
            why = "; ".join(each[language == "zh"] for each in one.reasons)
            both = f"{one.number} {one.name}, {one.other_number} {one.other}"
            said += f"：{both}（{why}）" if language == "zh" else f": {both} ({why})"
        return f"{said}。" if language == "zh" else f"{said}."

    def grid(self) -> Grid:
        """Return one row for each pair."""
        columns = (
            Column("number", "编号"),
            Column("name", "名称"),
            Column("other", "另一编号"),
            Column("other name", "另一名称"),
            Column("points", "分值", "number"),
            Column("reasons", "原因"),
        )
        rows = tuple(
            (
                *(p.number, p.name, p.other_number, p.other, p.points),
                "; ".join(reason.en for reason in p.reasons),
            )
            for p in self.pairs
        )
        return Grid(columns, rows)


def find_duplicates(session: Session, arguments: FindDuplicates) -> DuplicatesFound:
    """Find them."""
    if arguments.party is not None:
        party = parties.find_party(session, arguments.party)
        return DuplicatesFound(pairs=parties.duplicates_of(session, party)[: arguments.limit])
    return DuplicatesFound(pairs=parties.find_duplicates(session, limit=arguments.limit))


class MergeParties(Arguments):
    """Merge two records of one customer, supplier or contact: everything follows the one kept."""

    party: PartyRef = Field(description="The record that is merged and leads to the other one.")
    into: PartyRef = Field(description="The record that stays.")
    because: Because = Field(default="the same party", description="Why they are the same.")


class PartiesMerged(Answer):
    """Two records that are one now."""

    number: str
    merged: str
    survivor: str
    name: str

    def sentence(self, language: Language = "en") -> str:
        """Say which stays, and that the other number still means it."""
        if language == "zh":
            return (
                f"{self.number}：{self.merged} 已并入 {self.survivor} {self.name}，"
                f"原编号仍指向该记录。"
            )
        return (
            f"{self.number}: {self.merged} is {self.survivor} {self.name} now; whoever says its"
            " number means that one."
        )


def pin_merge(session: Session, arguments: MergeParties) -> MergeParties:
    """Write both by their numbers, as they are said: a merged one is refused, not followed."""
    numbers = {
        name: parties.find_party(session, getattr(arguments, name)).number
        for name in ("party", "into")
    }
    return arguments.model_copy(update=numbers)


def merge_parties(session: Session, arguments: MergeParties) -> PartiesMerged:
    """Merge them."""
    merged = parties.find_party(session, arguments.party)
    survivor = parties.find_party(session, arguments.into)
    number, name, called = merged.number, survivor.name, survivor.number
    made = merging.merge_parties(session, survivor, merged, because=arguments.because)
    return PartiesMerged(number=made.number, merged=number, survivor=called, name=name)


def undo_merge(_session: Session, _arguments: Arguments, answer: dict[str, Any]) -> Undoing:
    """Part them again; possible until a document is written for the one that stayed."""
    call = PartAgain(merge=answer["number"], because="undo")
    return Undoing((Call(PART, call),))


class PartAgain(Arguments):
    """Take a merging of two records back, as long as no document was written since."""

    merge: Annotated[Text, Ref("party_merge")] = Field(description="Such as MG-00007.")
    because: Because = Field(default="they are two", description="Why they are two.")


def part_again(session: Session, arguments: PartAgain) -> Noted:
    """Part them."""
    made = merging.part_again(session, arguments.merge, because=arguments.because)
    one, other = (session.get_one(Party, key) for key in (made.survivor_id, made.merged_id))
    both = f"{one.number} {one.name}, {other.number} {other.name}"
    return Noted(
        number=made.number,
        en=f"{made.number} is taken back: {both}.",
        zh=f"{made.number} 已撤销：{both}。",
    )


def undo_part(_session: Session, _arguments: Arguments, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=("merge them again instead", "请重新合并"))


class ShowTimeline(Arguments):
    """Show what happened with a customer, supplier or contact, newest first, of every kind."""

    party: PartyRef = Field(description="With whom.")
    since: Day | None = Field(default=None, description="From this day on.")
    before: Text | None = Field(default=None, description="Where the page before ended.")
    limit: int = Field(default=30, ge=1, le=200)


class TimelineShown(Answer):
    """A page of what happened; titles and details are somebody's own words."""

    name: str
    moments: list[Moment]
    next: str | None
    hidden: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how much there is, and the latest."""
        count = len(self.moments)
        more = "+" if self.next else ""
        if language == "zh":
            said = f"{self.name}：{count}{more} 条记录"
        else:
            said = f"{self.name}: {count}{more} {'entry' if count == 1 else 'entries'}"
        for one in self.moments[:1]:
            names = strand_called(one.strand).names.in_(language)
            what = " ".join(part for part in (one.number, one.title) if part)
            said += (
                f"；最近 {one.at:%Y-%m-%d} {names} {what}"
                if language == "zh"
                else (f"; the latest on {one.at:%Y-%m-%d}: {names} {what}")
            )
        return f"{said}。" if language == "zh" else f"{said}."

    def notes(self, language: Language = "en") -> list[str]:
        """Say what one may not see."""
        return [zh if language == "zh" else en for en, zh in self.hidden]

    def grid(self) -> Grid:
        """Return one row for each."""
        columns = (
            Column("at", "时间"),
            Column("what", "类别"),
            Column("number", "单据"),
            Column("title", "标题"),
            Column("state", "状态"),
            Column("amount", "金额"),
            Column("detail", "详情"),
        )
        rows = tuple(
            (
                *(f"{m.at:%Y-%m-%d}", m.strand, m.number, m.title, m.state),
                *(None if m.amount is None else str(m.amount), m.detail),
            )
            for m in self.moments
        )
        return Grid(columns, rows)


def show_timeline(session: Session, arguments: ShowTimeline) -> TimelineShown:
    """Read it."""
    party = parties.find_party(session, arguments.party)
    since = None
    if arguments.since is not None:
        since = datetime.combine(arguments.since, time.min, UTC)
    page = timeline(session, party.id, before=arguments.before, since=since, limit=arguments.limit)
    return TimelineShown(
        name=f"{party.number} {party.name}",
        moments=list(page.moments),
        next=page.next,
        hidden=[(said.en, said.zh) for said in page.hidden],
    )


class ShowGroup(Arguments):
    """Show which companies belong to a company, and to which it belongs itself."""

    party: PartyRef = Field(description="The company.")


class GroupShown(Answer):
    """The companies above and below one."""

    name: str
    above: list[str]
    below: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say how many belong to it, and to whom it belongs."""
        count = len(self.below)
        if language == "zh":
            above = f"；隶属于 {' → '.join(self.above)}" if self.above else ""
            return f"{self.name} 有下属单位 {count} 家{above}。"
        above = f"; it belongs to {' → '.join(self.above)}" if self.above else ""
        return f"{count} {'company' if count == 1 else 'companies'} belong to {self.name}{above}."

    def grid(self) -> Grid:
        """Return one row for each company below."""
        return Grid((Column("number", "编号"), Column("name", "名称")), tuple(self.below))


def show_group(session: Session, arguments: ShowGroup) -> GroupShown:
    """Read it."""
    party = parties.find_party(session, arguments.party)
    return GroupShown(
        name=party.name,
        above=[one.name for one in parents_of(session, party)],
        below=[(one.number, one.name) for one in group_of(session, party)],
    )


def pin_parties(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write the parties by their numbers."""
    named = {
        name: parties.find_party(session, said).number
        for name in ("party", "parent", "contact")
        if (said := getattr(arguments, name, None)) is not None
    }
    return arguments.model_copy(update=named)


_writes = partial(Tool, writes=True, roles=KEEPERS, pin=pin_parties)
_reads = partial(Tool, writes=False, roles=READERS)
TOOLS = [
    _writes("parties.add_contact", AddContact, do_add_contact, "Add contact", "新增联系人",
            undo=undo_contact),
    _writes(END_CONTACT, EndContact, do_end_contact, "End contact", "停用联系人", undo=undo_end),
    _reads("parties.list_contacts", ListContacts, do_list_contacts, "List contacts", "联系人列表"),
    _writes(ADD_ADDRESS, AddAddress, do_add_address, "Add address", "新增联系方式",
            undo=undo_address),
    _writes(REMOVE_ADDRESS, RemoveAddress, do_remove_address, "Remove address", "删除联系方式",
            undo=undo_remove),
    _writes(CONSENT, NoteConsent, do_note_consent, "Note consent", "登记同意",
            undo=undo_consent),
    _reads("parties.show_consent", ShowConsent, show_consent, "Show consent", "查看同意"),
    _writes(SET_PARENT, SetParent, do_set_parent, "Set parent company", "设置上级单位",
            undo=undo_parent, roles=SELLERS),
    _reads("parties.show_group", ShowGroup, show_group, "Show company group", "查看下属单位"),
    _reads("parties.find_duplicates", FindDuplicates, find_duplicates, "Find duplicates",
           "查找重复单位"),
    _writes(MERGE, MergeParties, merge_parties, "Merge parties", "合并往来单位", pin=pin_merge,
            undo=undo_merge, roles=LEADERS, sensitive=True),
    _writes(PART, PartAgain, part_again, "Part parties again", "撤销合并",
            pin=as_given, undo=undo_part, roles=LEADERS,
            sensitive=True),
    _reads("parties.show_timeline", ShowTimeline, show_timeline, "Show timeline", "查看时间线"),
]  # fmt: skip
