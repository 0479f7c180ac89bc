"""Text out of bytes that others made: encodings that lie, HTML that hides, signs nobody sees."""

import re
import unicodedata
from email.header import decode_header
from html.parser import HTMLParser

BODY_CHARS_MAX = 200_000
LINE_CHARS_MAX = 500
HEADER_CHARS_MAX, HIDDEN_DEPTH_MAX = 20_000, 10_000

# What is called one thing and is written in its larger sibling.
_SIBLINGS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "iso-8859-1": "cp1252",
    "us-ascii": "utf-8", "ascii": "utf-8", "unknown-8bit": "", "default": "", "": "",
}  # fmt: skip
# The commonest characters: what is read in the wrong encoding has few of them.
_COMMON = frozenset(
    "的一是了我不在有们这上来到个时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心"
    "学么之都好看起发当没成只如事把还用第样道想作种开美总从无情已面最女但现前些所同日手又行意动方期它头经长儿回位"
    "分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感请您贵司订单货价格付款票谢确认需寄件"
    "們這來個時為說國會過對學麼後發當沒還樣種開總從無現動經長兒愛給間兩親進話與請貴訂單貨價確認"
)
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def decoded(content: bytes, charset: str | None) -> str:
    """Return the text of some bytes; a charset that is wrong, or not said, is found out."""
    said = (charset or "").strip().strip("\"'").lower()
    said = _SIBLINGS.get(said, said)
    for name in dict.fromkeys((said, "utf-8")):
        if name:
            try:
                return content.decode(name)
            except (LookupError, UnicodeDecodeError, ValueError):
                continue
    read = []
    for name in ("gb18030", "big5hkscs"):
        try:
            read.append(content.decode(name))
        except UnicodeDecodeError:
            continue
    best = max(read, key=_commonness, default="")
    if _commonness(best) > 0:
        return best
    return content.decode("cp1252", errors="replace")


def _commonness(text: str) -> int:
    known = sum(sign in _COMMON for sign in text)
    strange = sum("\ue000" <= sign <= "\uf8ff" or sign == "\ufffd" for sign in text)
    return known - 3 * strange


def clean(text: str, most: int = BODY_CHARS_MAX) -> str:
    """Return a text without what nobody sees and what a database cannot keep, at most so long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", _INVISIBLE.sub("", text))
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    lines = [line.rstrip() for line in text.split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return text[:most]


def one_line(text: str, most: int = LINE_CHARS_MAX) -> str:
    """Return a text as one line, at most so long."""
    return " ".join(clean(text, 10 * most).split())[:most]


def header(value: object) -> str:
    """Return a header as text, whatever encodings its words are in."""
    if value is None:
        return ""
    raw = str(value)
    raw = raw[:HEADER_CHARS_MAX]
    if any("\udc80" <= sign <= "\udcff" for sign in raw):
        raw = decoded(raw.encode("utf-8", errors="surrogateescape"), None)
    try:
        pieces = decode_header(raw)
    except (ValueError, AttributeError, LookupError):
        return one_line(raw)
    said = "".join(
        decoded(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces
    )
    return one_line(said)


_BLOCKS = frozenset(
    ["p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
     "blockquote", "section", "article", "header", "footer", "pre", "dd", "dt", "center"]
)  # fmt: skip
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track",
     "wbr"]
)  # fmt: skip
_UNSHOWN = frozenset(["script", "style", "head", "title", "template", "object", "noscript"])
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])"
    r"|max-height\s*:\s*0(?![.\d])|text-indent\s*:\s*-\d{3,}|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_WHITE = re.compile(r"(?<!-)color\s*:\s*(#fff(?:fff)?\b|white\b|transparent\b)", re.IGNORECASE)


class _Shown(HTMLParser):
    """Gathers what a person would see; quotes are marked as in plain mails."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.hidden: list[str] = []
        self.hides = False
        self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            if tag in _BLOCKS:
                self._break()
            return
        style = values.get("style", "")
        hides = bool(_HIDING.search(style) or _WHITE.search(style) or "hidden" in values)
        hides = hides or values.get("color", "").lower() in {"#ffffff", "#fff", "white"}
        if self.hidden or hides or tag in _UNSHOWN:
            self.hides = self.hides or hides
            if len(self.hidden) < HIDDEN_DEPTH_MAX:
                self.hidden.append(tag)
            return
        if tag == "blockquote":
            self.quoted += 1
        if tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            if tag in self.hidden:
                while self.hidden.pop() != tag:
                    pass
            return
        if tag == "blockquote":
            self.quoted = max(0, self.quoted - 1)
        if tag in _BLOCKS:
            self._break()
        elif tag in {"td", "th"}:
            self.said.append("\t")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(re.sub(r"\s+", " ", data))

    def _break(self) -> None:
        self.said.append("\n> " if self.quoted else "\n")


def from_html(markup: str) -> tuple[str, bool]:
    """Return what a person would see of some HTML, and whether some of it was hidden."""
    parser = _Shown()
    parser.feed(markup[: 10 * BODY_CHARS_MAX])
    parser.close()
    text = "".join(parser.said)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return clean("\n".join(line for line in lines if line != ">")), parser.hides


def subject_key(subject: str) -> str:
    """Return a subject without "Re:", "Fwd:", "AW:", "回复：" and brackets of lists, to compare."""
    key = unicodedata.normalize("NFKC", subject).casefold()
    while (shorter := _REPLY.sub("", key)) != key:
        key = shorter
    return " ".join(key.split())[:200]


_REPLY = re.compile(
    r"^\s*(?:(?:re|aw|fw|fwd|wg|sv|antw|tr|rif|回复|答复|转发|回覆|轉寄)\s*(?:\[\d+\])?\s*:"
    r"|\[[^\]]{1,40}\])\s*"
)
