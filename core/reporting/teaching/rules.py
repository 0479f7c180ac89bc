"""What can be taught at all, whoever asks for it and by whichever door."""

import re
import unicodedata

from core.reporting.teaching.errors import NotAWord, NotTeachable

WORD_MAX, MEANING_MAX, SAID_MAX = 40, 120, 400
TAUGHT_MAX = 200
_QUOTES = "\"'“”‘’「」『』 .!?。！？,，"
# Words that decide on a proposal, turn a meaning round, or say who and which. The interpreter
# refuses every closed-class word; these hold for every other door as well.
DECIDING = frozenset({
    "yes", "no", "ok", "okay", "sure", "fine", "approve", "approved", "approves", "reject",
    "rejected", "decline", "confirm", "cancel", "undo", "stop", "go", "not", "never", "without",
    "except", "and", "or", "by", "from", "to", "all", "none", "any", "every", "each", "this",
    "that", "it", "me", "my", "you", "we", "us", "the", "an", "is", "are",
    "是", "否", "不", "没", "没有", "无", "好", "好的", "可以", "行", "对", "同意", "批准", "通过",
    "驳回", "拒绝", "不同意", "不行", "确认", "取消", "撤销", "撤回", "停止", "全部", "所有", "和",
    "或", "按", "从", "到", "我", "你", "您", "我们", "这", "那", "它",
})  # fmt: skip
_CODE = re.compile(r"[a-z]{1,12}(?:-[a-z0-9]+)*-?\d[\w-]*|[\d.,:/%$€¥£-]+")


def plain_word(text: str) -> str:
    """Return a word as it is compared: one form of each sign, lower case, without quotes."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_QUOTES)


def checked_word(text: str) -> str:
    """Return a word that may be taught; refuse what must keep its meaning."""
    word = plain_word(text)
    unseen = any(unicodedata.category(sign)[0] == "C" for sign in word)
    letters = any(sign.isalpha() for sign in word)
    if not 1 < len(word) <= WORD_MAX or unseen or not letters or _CODE.fullmatch(word):
        raise NotAWord(word=text.strip()[:60], most=WORD_MAX)
    if word in DECIDING:
        raise NotTeachable(word=word)
    return word


def checked_meaning(word: str, text: str) -> str:
    """Return what a word may stand for; refuse what would decide something, or goes round."""
    meaning = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_QUOTES)
    unseen = any(unicodedata.category(sign)[0] == "C" for sign in meaning)
    if not 1 <= len(meaning) <= MEANING_MAX or unseen:
        raise NotAWord(word=text.strip()[:60], most=MEANING_MAX)
    if plain_word(meaning) in DECIDING or plain_word(meaning) == word:
        raise NotTeachable(word=meaning)
    return meaning
