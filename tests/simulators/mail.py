"""Small real mail servers on loopback: SMTP that keeps what it takes, IMAP over a list of mails."""

import re
import socketserver
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from core.kernel.settings import Settings


@dataclass
class Post:
    """A running SMTP server: what it took, and how it behaves.

    `on_data` is called when a mail has come whole, before it is answered; what it returns is the
    answer, and None closes the connection without one.
    """

    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    on_rcpt: Callable[[str], str] = lambda _address: "250 fine"
    on_data: Callable[[bytes], str | None] = lambda _mail: "250 taken"
    on_greeting: Callable[[], None] = lambda: None


@dataclass
class Box:
    """A running IMAP server: its folders, each with a validity and mails by UID."""

    port: int = 0
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    validity: int = 1
    sizes: dict[int, int] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)
    on_fetch: Callable[[int], None] = lambda _uid: None
    # What it does not give just now.
    refused: set[int] = field(default_factory=set)

    def put(self, mail: bytes, folder: str = "INBOX") -> int:
        """Lay a mail into a folder and return its UID."""
        mails = self.folders.setdefault(folder, {})
        uid = max(mails, default=0) + 1
        mails[uid] = mail
        return uid


def with_servers(settings: Settings, address: str, box: Box, post: Post) -> Settings:
    """Return the settings of a house that has these servers, and a mailbox of its own."""
    return settings.model_copy(
        update={
            "mail_address": address, "imap_host": "127.0.0.1", "imap_port": box.port,
            "imap_user": uuid.uuid4().hex, "imap_password": SecretStr("secret"),
            "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": post.port,
            "smtp_security": "none",
        }
    )  # fmt: skip


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the same for a process of its own."""
    url, address = settings.database_url, settings.mail_address
    assert url is not None
    assert address is not None
    return {
        "DATABASE_URL": url.get_secret_value(), "PROKURIST_HOME": str(settings.home),
        "PROKURIST_MAIL_ADDRESS": address, "PROKURIST_IMAP_HOST": "127.0.0.1",
        "PROKURIST_IMAP_PORT": str(settings.imap_port),
        "PROKURIST_IMAP_USER": str(settings.imap_user),
        "PROKURIST_IMAP_PASSWORD": "secret", "PROKURIST_IMAP_SECURITY": "none",
        "PROKURIST_SMTP_HOST": "127.0.0.1", "PROKURIST_SMTP_PORT": str(settings.smtp_port),
        "PROKURIST_SMTP_SECURITY": "none",
    }  # fmt: skip


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def _served(handler: type[socketserver.StreamRequestHandler]) -> Iterator[int]:
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def posting() -> Iterator[Post]:  # noqa: C901  # A server in one piece.
    """Run an SMTP server."""
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                self._talk()
            except OSError:
                # Who spoke to us was killed: that is what some tests are about.
                return

        def _talk(self) -> None:
            post.on_greeting()
            self._say("220 loopback ESMTP")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    self._say("250-loopback\r\n250 8BITMIME")
                elif verb == b"RCPT":
                    address = line.decode("ascii", "replace").split("<")[1].split(">")[0]
                    post.recipients.append(address)
                    self._say(post.on_rcpt(address))
                elif verb == b"DATA":
                    self._say("354 go on")
                    if not self._take():
                        return
                elif verb == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say("250 ok")

        def _take(self) -> bool:
            lines: list[bytes] = []
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                lines.append(line[1:] if line.startswith(b".") else line)
            if line == b"":
                return False
            mail = b"".join(lines)
            answer = post.on_data(mail)
            if answer is None:
                post.taken.append(mail)
                return False
            if answer.startswith("2"):
                post.taken.append(mail)
            self._say(answer)
            return True

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

    with _served(Handler) as port:
        post.port = port
        yield post


@contextmanager
def keeping() -> Iterator[Box]:  # noqa: C901  # A server in one piece.
    """Run an IMAP server; any user may log in with the password "secret"."""
    box = Box()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.mails: dict[int, bytes] = {}
            try:
                self._talk()
            except OSError:
                return

        def _talk(self) -> None:
            self._say("* OK loopback")
            while line := self.rfile.readline().decode("utf-8", "replace").strip():
                tag, verb, *rest = line.split(" ", 2)
                said = rest[0] if rest else ""
                answer = getattr(self, f"_{verb.lower()}", self._unknown)(said)
                self._say(f"{tag} {answer}")
                if verb.upper() == "LOGOUT":
                    return

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def _capability(self, _said: str) -> str:
            self._say("* CAPABILITY IMAP4rev1")
            return "OK done"

        def _login(self, said: str) -> str:
            return "OK done" if said.endswith('"secret"') else "NO wrong password"

        def _examine(self, said: str) -> str:
            folder = said.strip('"')
            if folder not in box.folders:
                return "NO no such folder"
            self.mails = box.folders[folder]
            self._say(f"* {len(self.mails)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {box.validity}] valid")
            return "OK [READ-ONLY] done"

        def _uid(self, said: str) -> str:
            verb, rest = said.split(" ", 1)
            return self._search(rest) if verb == "SEARCH" else self._fetch(rest)

        def _search(self, said: str) -> str:
            if span := re.match(r"UID (\d+):\*", said):
                last = max(self.mails, default=0)
                found = [uid for uid in self.mails if uid >= int(span[1]) or uid == last]
            else:
                wanted = re.search(r'"(<.*>)"', said)
                found = [
                    uid for uid, mail in self.mails.items() if wanted and wanted[1].encode() in mail
                ]
            self._say(f"* SEARCH {' '.join(map(str, found))}".strip())
            return "OK done"

        def _fetch(self, said: str) -> str:
            uid = int(said.split(" ", 1)[0])
            mail = self.mails.get(uid)
            if mail is None:
                return "OK done"
            if uid in box.refused:
                return "NO [UNAVAILABLE] try again"
            if "RFC822.SIZE" in said:
                self._say(f"* 1 FETCH (UID {uid} RFC822.SIZE {box.sizes.get(uid, len(mail))})")
                return "OK done"
            box.on_fetch(uid)
            box.fetched.append(uid)
            if "HEADER" in said:
                mail = mail.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(mail)}}}\r\n".encode())
            self.wfile.write(mail + b")\r\n")
            return "OK done"

        def _logout(self, _said: str) -> str:
            self._say("* BYE")
            return "OK done"

        def _noop(self, _said: str) -> str:
            return "OK done"

        def _unknown(self, _said: str) -> str:
            return "BAD unknown"

    with _served(Handler) as port:
        box.port = port
        yield box
