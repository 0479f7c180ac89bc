"""Files of chats and signed messages enter where mail does, once, and nothing unsigned does."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select

from channels.messages import HookRefused, hand_in, import_messages
from channels.messages.hook import signature_of
from core import parties
from core.communications import Communication, Medium
from core.communications.errors import NotAMessageFile
from core.kernel import clock
from core.kernel.database import reading, unit_of_work
from core.kernel.settings import Settings
from tests.shop import as_person

SECRET = "a-secret-of-the-web-form"


def count(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(Communication)) or 0


def test_a_file_and_a_signed_message_are_kept_once(shop: Engine, tmp_path: Path) -> None:
    with unit_of_work(shop) as session:
        parties.find_party(session, "Acme Bikes").email = "anna@acme.example"
    chats = tmp_path / "chats.csv"
    chats.write_bytes(
        "渠道,邮箱,姓名,时间,内容\n"
        "chat,anna@acme.example,王芳,2026-06-10T09:00:00,请确认订单\n"
        'call_note,,Tom,2026-06-11T09:00:00,"He asked, twice, for =SUM(A1)"\n'.encode("gb18030")
    )
    acting = as_person(shop, "sales")

    first, again = (import_messages(shop, acting, chats) for _ in range(2))

    assert (first.new, first.unlinked, again.new, again.known) == (2, 1, 0, 2)
    with reading(shop) as session:
        chat = session.scalars(
            select(Communication).where(Communication.medium == Medium.CHAT)
        ).one()
        assert chat.body == "请确认订单"
        assert chat.party_id is not None

    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"text": "fine", "name": "A"}\n{"text": ""}\n', "utf-8")
    with pytest.raises(NotAMessageFile, match="Row 2"):
        import_messages(shop, acting, broken)
    with pytest.raises(NotAMessageFile):
        import_messages(shop, acting, tmp_path / "nowhere.csv")
    for name, content, problem in (
        ("more.csv", "name,text\nA,fine,and,more\n", "Row 1 .*none: Extra inputs"),
        ("long.csv", f"name,text\nA,{'x' * 140_000}\n", "Row 1 .*field larger"),
        ("list.jsonl", '{"text": ["fine"], "name": "A"}\n', "Row 1 .*text: Input should be"),
    ):
        broken = tmp_path / name
        broken.write_text(content, "utf-8")
        with pytest.raises(NotAMessageFile, match=problem):
            import_messages(shop, acting, broken)
    assert count(shop) == 2

    # The same door for programs: signed, fresh, and once.
    settings = Settings(messages_secret=SecretStr(SECRET))
    body = json.dumps({"id": "f-1", "medium": "web_form", "name": "Pia", "text": "Hi"}).encode()
    now = str(int(clock.now().timestamp()))
    signed = signature_of(SECRET, now, body)
    handed = hand_in(shop, settings, timestamp=now, signature=signed, body=body)
    twice = hand_in(shop, settings, timestamp=now, signature=signed, body=body)
    assert handed.is_new
    assert (twice.is_new, twice.number) == (False, handed.number)
    old, new = str(int(now) - 301), str(int(now) + 301)
    extra = json.dumps({"text": "x", "name": "y", "approved": True}).encode()
    for stamp, signature, given in (
        (now, signed, body + b" "),
        (now, "", body),
        (now, "é", body),
        (old, signature_of(SECRET, old, body), body),
        (new, signature_of(SECRET, new, body), body),
        ("", signature_of(SECRET, "", body), body),
        (now, signature_of(SECRET, now, extra), extra),
        (now, signature_of(SECRET, now, b"\xff"), b"\xff"),
    ):
        with pytest.raises(HookRefused):
            hand_in(shop, settings, timestamp=stamp, signature=signature, body=given)
    with pytest.raises(HookRefused):
        hand_in(shop, Settings(), timestamp=now, signature=signed, body=body)
    assert count(shop) == 3
