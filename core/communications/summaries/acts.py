"""What a sentence does: ask, promise, decide, complain. Rules over words, in both languages.

A sentence that speaks to an assistant instead of to us is none of these: it is somebody's try to
give orders to a program, and is only named as such.
"""
# ruff: noqa: E501  # A pattern is read in one piece.

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.communications.summaries.scanning import DayFound


class Act(StrEnum):
    """What a sentence does."""

    ASK = "ask"
    PROMISE = "promise"
    DECISION = "decision"
    QUESTION = "question"
    COMPLAINT = "complaint"
    PLANTED = "planted"
    OTHER = "other"


@dataclass(frozen=True)
class Judged:
    """What a sentence does, and by when."""

    act: Act
    due: date | None = None


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_PLANTED = _any(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|your|all)\b.{0,20}"
    r"\b(?:instructions?|prompts?|rules|guidelines|directives)\b",
    r"(?:^|[\s\"“(\[<])(?:system|assistant|developer)\s*(?:message|prompt|note|override)?\s*[:>\]：]",
    r"\b(?:approve|execute|reject)\b.{0,20}\b(?:all|every|each|any|this|the)\b.{0,12}\bproposals?\b",
    r"\b(?:you are|act as|as) (?:now )?(?:an? |the )?(?:ai|language model|assistant|chatbot|erp agent)\b",
    r"\b(?:dear|hey|hi|hello|attention|note (?:to|for)(?: the)?|instructions? (?:to|for)(?: the)?|important,?) (?:ai|assistant|prokurist|chatbot|bot|agent)\b",
    r"<\s*/?\s*(?:important|system|instructions?|information)\s*>",
    r"\b(?:call|use|run|invoke|execute)\b.{0,20}\b(?:tool|function)\b",
    r"\b(?:accounting|admin|approvals|banking|catalog|collections|communications|crm|finance|hr|identity|inventory|invoicing|ledger|parties|paying|purchasing|reporting|sales|stock)\.[a-z_]{3,}\b",
    r"\b(?:tool|function)[ _](?:result|call|output)\b",
    r"(?:忽略|无视|忘记|不要理会).{0,10}(?:之前|以上|此前|上述|先前|所有).{0,8}(?:指令|指示|提示|规则|要求)",
    r"(?:^|[\s“（【])(?:系统|助手|助理|系统消息|系统提示)\s*(?:消息|提示|指令|通知)?\s*[:：】]",
    r"(?:批准|通过|执行).{0,6}(?:所有|全部|每个|任何|该|此).{0,6}提案",
    r"你(?:现在)?是(?:一个|一名)?(?:AI|人工智能|助手|语言模型)",
    r"(?:给|致)(?:AI|人工智能)?(?:助手|助理|系统)的?(?:指令|指示|说明|提示)",
    r"(?:调用|使用|运行).{0,10}(?:工具|函数|接口)",
    r"(?:AI|人工智能|智能)(?:助手|助理)",
)
_AWAY = _any(
    r"\bout of (?:the )?office\b", r"\bautomatic (?:reply|response)\b", r"\bon (?:annual )?leave until\b",
    r"自动回复", r"(?:我|本人)(?:正在|将)?(?:外出|休假|出差)(?:至|到|中)",
)  # fmt: skip

# English.
_EN_NOT_ASKED = _any(
    r"\bplease (?:note|find|see|accept (?:my|our)|disregard|ignore|excuse|be (?:informed|advised|aware))\b"
    r"(?!.*\b(?:and|,) (?:please|kindly)?\s*(?:send|change|update|use|pay|confirm))",
    r"\bwould you (?:like|accept|prefer|rather|be interested|agree)\b",
    r"\bin urgent cases\b",
    r"\bwill you be\b",
    r"^(?:and |but |so )?(?:how|when|where|why|what|who)\b[^,;]{0,40}\b(?:can|could|would|will) you\b",
)
_EN_NOT_WANTED = _any(
    r"\b(?:like|want|wish) to (?:talk|discuss|thank|inform|know|let you know|point out|remind|apologi[sz]e|say)\b",
    r"\blove to (?:stop|visit|see|meet|join|come|hear)\b",
    r"\bneed(?:s)? to (?:know|talk|discuss|think|check)\b",
    r"\bdo(?:es)?(?:n't| not) need\b", r"\bno longer need\b", r"\bwe (?:do not|don't) (?:want|require)\b",
    r"\bexpect to (?:need|ship|deliver|send|receive)\b", r"\bwhat (?:do|does|would) .* need\b",
    r"\b(?:if|in case) .{0,30}\bneed\b",
)  # fmt: skip
_EN_ASKS = _any(
    r"\b(?:please|pls|kindly)\b(?! (?:note|find|see|disregard|ignore|accept (?:my|our))\b)",
    r"\b(?:can|could|would|will|may) you\b", r"\blet (?:us|me) know\b",
    r"\b(?:can|could|may|shall) (?:we|i) (?:have|get|meet|call|schedule|arrange|receive|speak)\b",
)  # fmt: skip
_EN_WANTS = _any(
    r"\b(?:we|i)(?:'d| would) (?:like|appreciate|love|be grateful)\b",
    r"\b(?:we|i) (?:urgently |also |still |now |really |will )?(?:need|require|request|demand|ask)\b(?! (?:to )?(?:pay|add|mention))",
    r"\b(?:we|i) (?:also )?want (?:a|an|the|our|you|to (?:return|order|buy|have|see|receive|change|cancel|book|get|send back|exchange))\b",
    r"\b(?:we|i) (?:still )?expect (?:a|an|your|the|you)\b",
    r"\b(?:customs|our auditor|bank)\b.{0,20}\basks? for\b.{0,5}\byou\b",
    r"\b(?:must|has to|have to|needs to) (?:arrive|be (?:delivered|here|shipped|sent|paid|with us))\b",
    r"\bmake sure\b", r"\b(?:can|could|would|will) (?:someone|somebody|anyone|anybody|your \w+) \w+",
    r"^(?:and |also |then )?(?:send|email|mail|call|ship|deliver|confirm|cancel|check|update|change|forward|provide|return|refund|pay|transfer)\b(?: (?:us|me|it|the|our|your|a|this|that|them))",
)  # fmt: skip
_EN_NEVER_PROMISED = _any(
    r"\b(?:cannot|can't|can not|unable|won't|will not|shall not|not be able|could not|couldn't|never)\b",
    r"\bwill (?:have to|need|cost|be (?:late|delayed|out|higher|lower|closed|unavailable|on holiday)|go up|rise|increase|stop|expire|end|apply|change)\b",
    r"\b(?:hope|wish|maybe|perhaps|might|would)\b.{0,40}\bwill\b",
    r"\bif (?:this|it|that|you|nothing)\b.{0,60}\bwe (?:will|'ll)\b",
    r"\bwill you\b|\bwill (?:it|they|the \w+) .*\?$", r"\bas soon as you\b.{0,30}\bwe'?ll see\b",
)  # fmt: skip
_DOING = (
    r"(?:deliver|ship|send|arriv|leave|collect|pick|visit|receiv|get|replac|repair|refund|credit|call|confirm"
    r"|provid|take care|tak|issu|dispatch|return|pay|com|contact|be ready|be available|be with you|reach|install|fix|answer"
    r"|repl|transfer|forward|prepar|check|order|plac|finish|complet|inform|updat|correct|look into|follow|mail|email"
    r"|resend|review|bring|start|organi[sz]|arrang|settl|reimburs|supply|hand|go out|resolv|let you know|keep)"
)
_EN_PROMISES = _any(
    r"\b(?:i|we) (?:hereby )?(?:promise|guarantee|undertake|commit|assure you)\b",
    rf"\b(?:i|we|he|she|they)(?:'ll| will| shall| are going to) (?:then |now |also |gladly |certainly |of course |do our best to |be )*{_DOING}",
    rf"\bwill (?:then |now |also |certainly |definitely )?(?:be )?{_DOING}\w*\b",
    r"\bwe confirm (?:the )?deliver", r"\b(?:now )?(?:expect|plan|intend|aim) to (?:ship|deliver|send|pay|dispatch)\b",
    r"\b(?:is|are) (?:scheduled|planned) (?:for|to be)\b.{0,20}\b(?:deliver|ship|dispatch)",
    r"\byou(?:'ll| will) (?:get|receive|have)\b",
)  # fmt: skip
_EN_ASSURED = _any(r"\b(?:i|we) (?:hereby )?(?:promise|guarantee|assure you)\b")
_EN_DECISIONS = _any(
    r"\bwe (?:hereby |gladly |have |'ve )?(?:accept(?:ed)?|agree[d]?|decided|approved?|chose|chosen)\b(?! (?:only|a complete))",
    r"\b(?:have|has) (?:decided|agreed|chosen|approved)\b", r"^(?:yes, |ok,? )?agreed\b", r"\bgo ahead\b",
    r"\bour decision\b", r"\bwe\b.{0,60}(?<!please )\baccept (?:your|the|this|that)\b", r"\bit (?:was|is) (?:decided|agreed)\b",
)  # fmt: skip
_EN_COMPLAINTS = _any(
    r"\bstill (?:have )?not\b", r"\b(?:late|wrong|broken|damaged|defective|missing|faulty) (?:again|delivery|goods|item)\b",
    r"\b(?:broken|damaged|defective|faulty)\b", r"\b(?:charged|billed|invoiced) (?:us )?twice\b",
    r"\b(?:another|different|other) supplier\b", r"\b(?:unacceptable|disappointed|unhappy|complain|complaint|angry|frustrat)",
    r"\b(?:third|second) (?:wrong|late)\b", r"\bwrong (?:colour|color|size|item|quantity|address)\b",
    r"\bproduction (?:stops|will stop|stands)\b", r"\bonly \d+ (?:of|pieces|arrived)\b|\bbut (?:we )?received only\b",
)  # fmt: skip

# Chinese.
_ZH_NOT_ASKED = _any(
    r"请(?:注意|知悉|放心|忽略|查收|见|参阅|参考|原谅|谅解)(?!.*请)", r"敬请(?:谅解|期待)", r"请问", r"请教",
    r"想(?:谈|聊|知道|了解|问|感谢)", r"^(?:开始|生产).{0,10}需要(?!.*请)", r"邀请|申请(?!.*请(?!求)[^问])|聘请",
    r"紧急事宜",
)  # fmt: skip
_ZH_ASKS = _any(
    r"(?<![邀申聘敬已])请(?!问|教|求书|注意|知悉|放心|忽略|查收|谅解)", r"麻烦(?:您|你|贵司|把|帮|再|尽快|发|给)?", r"烦请|劳驾|拜托",
    r"(?:能否|可否|可不可以|能不能|是否可以|是否能)", r"(?<!只)(?<!才)(?<!不)能[^。？]{1,30}吗", r"可以[^。，]{1,20}吗|[^。]{2,30}可以吗",
    r"希望(?:贵司|您|你们|能|在|尽快|把|\d|我们|可以)?", r"(?:我们?|我司|我方|贵司)?(?:现|急|还|也)?(?<!不)(?<!不再)需要(?!多少|什么|吗)(?!约)", r"需(?:贵司|您|你们)",
    r"(?:我们?(?:司|方)?)?想(?:要(?!.{0,4}谢)|退|换|订|预订|预定|购买|买|请|申请|取消|修改|增加)", r"(?:必须|务必|最迟)[^。]{0,16}(?:到货|送达|交货|发货|收到|付款|寄出)",
    r"要求(?:贵司|你们|您)", r"(?:谁|哪位|有人)能", r"(?<!会)(?:告诉|通知|回复|发给|寄给|打给|转给)我们?(?:一下|吧|司)?[。！!，]?$",
)  # fmt: skip
# "We want to book it, what does it cost?": an ask, and a question behind it.
_ZH_ASKED_BESIDES = _any(r"，[^，请能]{0,12}(?:多少|什么|哪|几|怎么|如何)[^，]{0,12}[?？]\s*$")
_ZH_NEVER_PROMISED = _any(
    r"无法|不能|没法|未能|不可能|没办法|办不到", r"(?<!保证)(?<!绝)不会(?!再)", r"可能|也许|大概会|希望", r"只能(?:换|找)", r"[?？]|吗[。]?$|呢[。]?$",
)  # fmt: skip
_ZH_DO = (
    r"(?:发货|发出|补发|寄出|寄送|寄给|寄回|寄到|发给|发送|发到|付款|付清|支付|付定金|付(?=[\d清款定])|付出|转账|汇款|归还|退还|退款|退回|下单|订(?=\d)|订购|答复|回复|回电|联系|通知|告知"
    r"|送达|送到|送货|交货|交付|到货|到访|上门|取件|开具|开出|安排|处理|维修|修理|更换|换货|补上|补寄|确认|审核|核实|检查|提供|准备|更新|修改|取消|完成|跟进|解决|派|提交|出具|递交|重发|赔偿)"
)
_ZH_PROMISES = _any(
    r"(?:我们?|我司|我方|本公司)?(?:保证|承诺|确保)", rf"(?:会|将|将于|将在|一定|预计|计划|准备|马上|立即|立刻|尽快|稍后|随后)[^。，？]{{0,24}}{_ZH_DO}",
    rf"(?:我们?|我司|我方)[^。，？]{{0,10}}(?:天|日|号|周|星期|底|午|月|晚|上|前)[^。，？]{{0,16}}{_ZH_DO}",
    rf"(?:周[一二三四五六日天]|星期[一二三四五六日天]|[日号]|天|午|月底)(?:之?前|内|就)?[^。，？]{{0,6}}(?:给|为)(?:您|你们|贵司)?{_ZH_DO}",
    rf"(?:下周|本周|明天|后天|今天|下午|上午|稍后|月底|晚些时候)[^。，？]{{0,4}}(?:把|将)[^。，？]{{1,20}}{_ZH_DO}",
    rf"(?:今天|明天|后天|本周|下周|周[一二三四五六日天]|星期[一二三四五六日天])[^。，？]{{0,8}}{_ZH_DO}",
    rf"我们确认[^。，？]{{0,14}}{_ZH_DO}", rf"(?:的话|就|即|则)，?我们?{_ZH_DO}",
)  # fmt: skip
_ZH_PAST = _any(rf"已(?:经)?[^。，]{{0,8}}(?:{_ZH_DO}|收到|附)", r"昨天|昨日|前天|刚刚|过了|完了")
_ZH_DECISIONS = _any(
    r"(?:我们?|我司|双方|最终|经研究)?(?:决定|同意|商定|约定|一致同意|批准了|(?<!正在)确定(?:下来)?)(?!.{0,6}吗)(?<!之前决定)(?<!前决定)", r"(?:我们|我司)接受(?!.{0,8}吗)", r"按此办理",
)  # fmt: skip
_ZH_COMPLAINTS = _any(
    r"(?:还|仍|一直|到现在)(?:没|未|没有)", r"破损|损坏|坏了|不亮|错货|发错|送错|弄错|短缺|少发", r"投诉|不满|失望|无法接受|太差|严重影响|耽误",
    r"换(?:一家|个)?供应商", r"(?:两次|重复)(?:收|扣|付)?款|收了两次", r"第[二三四五]次", r"颜色不对|型号不对|数量不对|不符",
    r"停产|就要停",
)  # fmt: skip
_CJK = re.compile("[\u4e00-\u9fff]")


def is_away(text: str) -> bool:
    """Tell whether a text is the note of an absence."""
    return bool(_AWAY.search(text))


def is_planted(sentence: str) -> bool:
    """Tell whether a sentence gives orders to a program instead of saying something to us."""
    return bool(_PLANTED.search(sentence))


def judge(sentence: str, days: Sequence[DayFound]) -> list[Judged]:
    """Return what a sentence does; it may do more than one thing, the strongest first."""
    if is_planted(sentence):
        return [Judged(Act.PLANTED)]
    said = _judge_zh(sentence, days) if _is_chinese(sentence) else _judge_en(sentence, days)
    return said or [Judged(Act.OTHER)]


def _is_chinese(sentence: str) -> bool:
    return len(_CJK.findall(sentence)) * 3 >= len(re.findall(r"\w", sentence)) / 2


def _judge_en(sentence: str, days: Sequence[DayFound]) -> list[Judged]:
    found: list[Judged] = []
    asks = None if _EN_NOT_ASKED.search(sentence) else _EN_ASKS.search(sentence)
    if asks is None and not _EN_NOT_WANTED.search(sentence):
        asks = _EN_WANTS.search(sentence)
    is_ask = asks is not None
    assured = _EN_ASSURED.search(sentence)
    promised = _EN_PROMISES.search(sentence)
    never = _EN_NEVER_PROMISED.search(sentence) and not assured
    is_question = sentence.rstrip(" \"”')").endswith("?")
    if _EN_DECISIONS.search(sentence) and not is_question and not is_ask:
        found.append(Judged(Act.DECISION))
    if is_ask and asks is not None:
        # "Please send it back and we will repair it": both.
        found.append(Judged(Act.ASK, _due_after(days, asks.start())))
    if promised is not None and not never and not is_question:
        inside = is_ask and asks is not None and promised.start() < asks.start()
        if not inside or re.search(r"\b(?:we|i)(?:'ll| will)\b", sentence, re.IGNORECASE):
            found.append(Judged(Act.PROMISE, _due_after(days, promised.start())))
    if is_question and not is_ask:
        found.append(Judged(Act.QUESTION))
    if _EN_COMPLAINTS.search(sentence):
        found.append(Judged(Act.COMPLAINT))
    return found


def _judge_zh(sentence: str, days: Sequence[DayFound]) -> list[Judged]:
    found: list[Judged] = []
    asks = _ZH_ASKS.search(sentence)
    is_ask = asks is not None and not _ZH_NOT_ASKED.search(sentence)
    promised = _ZH_PROMISES.search(sentence)
    is_question = bool(re.search(r"[?？]\s*$|(?:吗|呢)[。.]?\s*$", sentence))
    past = _ZH_PAST.search(sentence) and not re.search(r"会|将|保证|预计", sentence)
    if _ZH_DECISIONS.search(sentence) and not is_question and not is_ask:
        found.append(Judged(Act.DECISION))
    if is_ask and asks is not None:
        found.append(Judged(Act.ASK, _due_in_chinese(days, sentence, len(sentence))))
    may = promised is not None and not _ZH_NEVER_PROMISED.search(sentence)
    if promised is not None and may and not past:
        before = is_ask and asks is not None and asks.start() <= promised.start()
        if not before or re.search(r"我们?(?:会|将)", sentence):
            due = _due_in_chinese(days, sentence, promised.end())
            found.append(Judged(Act.PROMISE, due))
    if is_question and (not is_ask or _ZH_ASKED_BESIDES.search(sentence)):
        found.append(Judged(Act.QUESTION))
    if _ZH_COMPLAINTS.search(sentence):
        found.append(Judged(Act.COMPLAINT))
    return found


def _due_after(days: Sequence[DayFound], place: int) -> date | None:
    """Return the day said behind the verb, else the last before it."""
    behind = [each.day for each in days if each.start >= place]
    before = [each.day for each in days if each.start < place]
    return behind[0] if behind else (before[-1] if before else None)


def _due_in_chinese(days: Sequence[DayFound], sentence: str, place: int) -> date | None:
    """Return the last day said before the verb; a day since when something holds is none."""
    known = [
        each
        for each in days
        if not re.match(r"\s*(?:起|以来|开始|的(?!时候))", sentence[each.end :])
        and not re.search(r"(?:自|从|原定|已于)\s*$", sentence[: each.start])
    ]
    before = [each.day for each in known if each.end <= place]
    if before:
        return before[-1]
    return known[0].day if known else (days[0].day if len(days) == 1 else None)
