"""What somebody wrote themselves in a mail: without history, signature and small print."""
# ruff: noqa: E501  # A pattern is read in one piece.

import re

_HISTORY = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|原始邮件|原邮件"
    r"|转发的?邮件|转发邮件信息)\s*-{2,}.*|_{10,})\s*$",
    re.IGNORECASE,
)
# "On 3 Nov, Li wrote:" and the like, of which the next lines are the history.
_WROTE = re.compile(
    r"^\s*(?:(?:on|am)\b.{3,200}\b(?:wrote|schrieb)[^\n]{0,80}:|在?.{4,120}(?:写道|寫道)\s*[:：])\s*$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^\s*\*?(?:from|von|发件人|寄件者|发送人)\*?\s*[:：]\s*\S", re.IGNORECASE)
_HEAD_NEXT = re.compile(
    r"^\s*\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|发送时间|日期|收件人|主题|主旨)\*?\s*[:：]",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"^\s*(?:(?:with )?(?:best|kind|warm|many|kindest)?\s*(?:regards|wishes)|sincerely(?: yours)?"
    r"|yours (?:sincerely|faithfully|truly)|cheers|mit freundlichen grüßen|此致(?:敬礼)?|敬礼|祝好"
    r"|顺祝商祺|祝商祺|商祺|顺颂商祺|谨启)\s*[,，.!。！]?\s*$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^\s*(?:this (?:e-?mail|message)\b.{0,80}\b(?:confidential|intended)|confidentiality notice"
    r"|the information (?:contained )?in this (?:e-?mail|message)|本(?:邮件|电子邮件).{0,40}(?:保密|机密))",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^\s*(?:p\.?\s?s\.?|又及)\s*[:：]", re.IGNORECASE)
_SENT_FROM = re.compile(r"^\s*(?:sent from my|get outlook for|发自我的)", re.IGNORECASE)
_LIST_ITEM = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.)、]|[（(]\d{1,2}[)）])\s*\S")
_ENDS = (".", "!", "?", "。", "！", "？", ":", "：", ";", "；", ",", "，")
WRAPPED_LATIN, WRAPPED_CJK = 55, 28


def own_words(body: str) -> str:
    """Return what was written new, paragraph by paragraph."""
    lines = body.split("\n")
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        following = next((each for each in lines[place + 1 : place + 4] if each.strip()), "")
        if _HISTORY.match(line) or (_HEAD.match(line) and _HEAD_NEXT.match(following)):
            break
        if _WROTE.match(line):
            if not following.lstrip().startswith(">"):
                break
            place += 1
            continue
        if line.lstrip().startswith(">"):
            place += 1
            continue
        if line.rstrip() in {"--", "—", "– –"} or _SIGN_OFF.match(line) or _DISCLAIMER.match(line):
            kept += [each for each in lines[place + 1 :] if _POSTSCRIPT.match(each)]
            break
        if not _SENT_FROM.match(line):
            kept.append(line)
        place += 1
    return _unwrapped(kept)


def _unwrapped(lines: list[str]) -> str:
    """Join lines that only the width of a mail parts."""
    joined: list[str] = []
    for line in lines:
        said = line.strip()
        before = joined[-1] if joined else ""
        if before and said and _goes_on(before, said):
            is_cjk = before[-1] > "\u2e80" or said[0] > "\u2e80"
            joined[-1] = before + ("" if is_cjk else " ") + said
        else:
            joined.append(said)
    return "\n".join(joined)


def _goes_on(before: str, said: str) -> bool:
    if _LIST_ITEM.match(said) or before.endswith(_ENDS[:6]):
        return False
    if before[-1] > "\u2e80":
        return len(before) >= WRAPPED_CJK
    return said[0].islower() or len(before) >= WRAPPED_LATIN


_SHORT = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|no|nr|st|inc|ltd|co|corp|approx|ca|e\.g|i\.e|etc|vs|art|fig|tel|attn"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)|\b[a-z])\.$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.!?])[\"”’)]*\s+|(?<=[。！？；])[”」）]*|\n+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each as it stands there."""
    found: list[str] = []
    held = ""
    for piece in _BREAK.split(text):
        said = f"{held} {piece}".strip() if held else piece.strip()
        if not said:
            continue
        if _SHORT.search(said) and piece.strip():
            held = said
            continue
        held = ""
        found.append(said)
    if held:
        found.append(held)
    return [each for each in found if any(sign.isalnum() for sign in each)]
