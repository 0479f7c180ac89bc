"""Mails and messages: the newest, those linked to nobody, and a conversation with its summary.

What others wrote is shown as text and as nothing else: no HTML of theirs runs, no picture of
theirs is loaded, and no link of theirs can be followed from here.
"""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from channels.web.elements import Field, box, link, say, say_linked, search_field, table
from channels.web.layout import Visit
from core import communications
from core.communications import AttachmentView, MessageText, MessageView, ThreadView
from core.communications.summaries import summary_of
from core.kernel.company import company
from core.kernel.database import reading
from core.kernel.words import word
from tools.communications import WRITERS
from tools.notifications import local_time
from tools.summaries import Summary

SHOWN_MAX = 50
BOXES = {
    "all": "all_messages",
    "inbox": "unlinked_messages",
    "aside": "aside_messages",
    "outbox": "outgoing_messages",
}
FILE_CHARS_SHOWN = 20_000
# What runs, or brings what runs, when somebody opens it.
DANGEROUS = frozenset({
    "ade", "adp", "apk", "app", "application", "bat", "chm", "cmd", "com", "cpl", "dll",
    "dmg", "docm", "exe", "hta", "htm", "html", "iso", "img", "jar", "js", "jse", "lnk",
    "mht", "msc", "msi", "msp", "one", "pif", "ps1", "py", "reg", "scr", "sct", "sh", "svg",
    "url", "vb", "vbe", "vbs", "vhd", "wsf", "xht", "xhtml", "xlam", "xlsm", "xll",
})  # fmt: skip


async def build(visit: Visit, request: Request) -> None:
    """List messages of a box, the newest first."""
    asked = request.query_params.get("box", "all")
    chosen: Any = asked if asked in BOXES else "all"
    containing = {"text": request.query_params.get("q", "")}

    def read() -> tuple[list[MessageView], str, int]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            found = communications.list_messages(
                session, box=chosen, containing=containing["text"], limit=SHOWN_MAX
            )
            doubts = communications.count_in_doubt(session)
            return found, company(session).zone.key, doubts

    async def show() -> None:
        if not await visit.confirmed():
            return
        messages, zone, doubts = await visit.house.run(read)
        found.clear()
        with found:
            if doubts:
                say(visit.t("mails_in_doubt", count=doubts), "notice bad", role="status")
            if messages:
                _list(visit, messages, zone)
            else:
                say(visit.t("nothing_found"), "empty")

    async def search(text: str) -> None:
        containing["text"] = text.strip()
        await visit.tried(show)

    with box("filters"):
        for name, called in BOXES.items():
            where = urlencode({"box": name})
            link(visit.t(called), f"/messages?{where}", "chip on" if name == chosen else "chip")
        search_field(containing["text"], search, label=visit.t("search"))
    found = box()
    await show()


def _list(visit: Visit, messages: list[MessageView], zone: str) -> None:
    zh = visit.language == "zh"
    columns = [
        (visit.t(name), "")
        for name in ("message_when", "message_who", "message_party", "message_subject", "state")
    ]
    rows: list[list[str | tuple[str, str]]] = [
        [
            local_time(one.happened_at, zone),
            _other(one),
            one.party_number or visit.t("linked_to_nobody"),
            (one.subject or one.excerpt or "–", f"/messages/{one.thread}"),
            _state(one, visit),
        ]
        for one in messages
    ]
    table(columns, rows, classes="stacked", label="消息" if zh else "messages")


def _other(one: MessageView) -> str:
    if one.direction == "out":
        return f"→ {', '.join(one.recipients)}"
    return one.sender_name or one.sender or "–"


def _state(one: MessageView, visit: Visit) -> str:
    if one.aside_because:
        return f"{word(one.standing, visit.language)}: {word(one.aside_because, visit.language)}"
    if one.state is not None:
        return word(one.state, visit.language)
    return word("automatic_message", visit.language) if one.automatic else ""


async def build_thread(visit: Visit, request: Request) -> None:
    """Show a conversation: what it says in short, every message, and what one can do."""
    number = str(request.path_params["number"])
    house, acting = visit.house, visit.visitor.acting

    def read() -> tuple[ThreadView, str, Summary]:
        with reading(house.engine, acting) as session:
            thread = communications.find_thread(session, number)
            view = communications.view_thread(session, thread)
            in_short = Summary(
                about=thread.subject,
                about_zh=thread.subject,
                threads=(thread.number,),
                digest=summary_of(session, thread, view=view),
                today=company(session).today,
            )
            return view, company(session).zone.key, in_short

    view, zone, answer = await house.run(read)
    link(f"← {visit.t('mails')}", "/messages", "back")
    with box("panel"):
        say(f"{view.number} {view.subject}", "panel-title")
        with box("panel-body"):
            for line in answer.sentence(visit.language).split("\n"):
                say_linked(line, "notification-body")
    for message in view.messages:
        _message(visit, message, zone)
    if acting.actor.roles & WRITERS:
        _actions(visit, view)


def _message(visit: Visit, one: MessageText, zone: str) -> None:
    with box("panel"):
        with box("panel-title"):
            who = (
                f"{one.view.sender_name} <{one.view.sender}>"
                if one.view.sender
                else _other(one.view)
            )
            say(who, tag="span")
            said = [
                one.view.number,
                local_time(one.view.happened_at, zone),
                _state(one.view, visit),
            ]
            say(" · ".join(part for part in said if part), "hint", tag="span")
        with box("panel-body"):
            if one.headers.get("hidden_text"):
                say(visit.t("hidden_text"), "notice bad")
            for line in one.body.split("\n"):
                say(line or "\u00a0", "notification-body")
            for file in one.files:
                _file(visit, file)
            if one.has_raw:
                raw = f"/messages/raw/{one.view.number}"
                link(visit.t("as_it_came"), raw, "tile-link").props["download"] = ""
            if one.trouble:
                say(one.trouble, "notice bad")


def _file(visit: Visit, file: AttachmentView) -> None:
    """Offer a file to be saved, with its words where they can be read here."""
    said = f"{file.name} · {file.kind} · {file.size_bytes:,} B"
    link(said, f"/messages/files/{file.id}", "tile-link").props["download"] = ""
    if is_dangerous(file.name):
        say(visit.t("dangerous_file"), "notice bad")
    text = (file.text or "").strip()
    if text and not file.name.startswith("part-"):
        with box("", tag="details"):
            say(visit.t("words_in_file"), "hint", tag="summary")
            for line in text[:FILE_CHARS_SHOWN].split("\n"):
                say(line or "\u00a0", "notification-body")


def is_dangerous(name: str) -> bool:
    """Tell whether a file does something when it is opened, by how its name ends."""
    return name.rpartition(".")[2].lower() in DANGEROUS


def _actions(visit: Visit, view: ThreadView) -> None:
    received = [one.view for one in view.messages if one.view.direction == "in"]
    with box("filters"):
        if view.party_id is not None and received:
            _field(visit, "answer_it", "communications.reply", {"thread": view.number}, "text")
        elif received:
            message = {"message": received[-1].number}
            _field(visit, "link_it_to", "communications.link", message, "party")


def _field(visit: Visit, label: str, tool: str, arguments: dict[str, Any], name: str) -> None:
    """Make a line that proposes something; its effect is shown on a card first."""

    async def propose(text: str) -> None:
        if not text.strip() or not await visit.confirmed():
            return
        house, acting = visit.house, visit.visitor.acting

        def proposed() -> str:
            plan = house.toolbox.parse([{"tool": tool, "arguments": {**arguments, name: text}}])
            card = house.toolbox.propose(house.engine, acting, plan, reason={"words": text})
            return str(card.id)

        card = await house.run(proposed)
        visit.client.open(f"/proposal/{card}")

    async def entered(text: str) -> None:
        await visit.tried(lambda: propose(text))

    Field(
        "", lambda _text: None, label=visit.t(label), placeholder=visit.t(label), on_enter=entered
    )
