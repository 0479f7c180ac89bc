"""The tool that says in short what was written, each line with its source."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pydantic import Field, model_validator
from sqlalchemy.orm import Session

from core import communications, parties
from core.communications.summaries import Act, Digest, Line, summaries_of, summary_of
from core.kernel.company import company
from core.kernel.errors import Language
from core.kernel.semantics import Said
from core.kernel.words import word
from core.reporting.query import Period
from tools.base import Answer, Arguments, Column, Grid, Tool
from tools.communications import READERS, ThreadRef, instants_of
from tools.references import PartyRef

SUMMARISE = "communications.summarise"
SHOWN_MAX = 5
# The order in which one wants to know it.
_ORDER = (
    Act.COMPLAINT, Act.ASK, Act.PROMISE, Act.DECISION, Act.QUESTION,
)  # fmt: skip
_TITLES = {
    (Act.COMPLAINT, "them"): Said("They complain", "对方投诉"),
    (Act.COMPLAINT, "us"): Said("We complained", "我方投诉"),
    (Act.ASK, "them"): Said("They ask", "对方请求"),
    (Act.ASK, "us"): Said("We asked", "我方请求"),
    (Act.PROMISE, "us"): Said("We promised", "我方承诺"),
    (Act.PROMISE, "them"): Said("They promised", "对方承诺"),
    (Act.DECISION, "them"): Said("They decided", "对方决定"),
    (Act.DECISION, "us"): Said("We decided", "我方决定"),
    (Act.QUESTION, "them"): Said("Their open questions", "对方待答问题"),
    (Act.QUESTION, "us"): Said("Our open questions", "我方待答问题"),
}
_TONES = {
    "good": Said("friendly", "友好"),
    "neutral": Said("neutral", "中性"),
    "bad": Said("displeased", "不满"),
}
_PLANTED = Said(
    "Some words in {} are addressed to an assistant; nobody follows them.",
    "{} 中含有写给助手的指令；不予执行。",
)


class Summarise(Arguments):
    """Say in short what was written with somebody, or in one conversation, each with its source."""

    party: PartyRef | None = Field(default=None, description="With whom.")
    thread: ThreadRef | None = None
    period: Period | None = Field(default=None, description="Leave empty for all of it.")

    @model_validator(mode="after")
    def _something(self) -> "Summarise":
        if self.party is None and self.thread is None:
            problem = "say with whom, or which conversation"
            raise ValueError(problem)
        return self


class Summary(Answer):
    """What was written in short; every line is somebody's own sentence."""

    about: str
    about_zh: str
    threads: tuple[str, ...]
    digest: Digest
    today: date

    def sentence(self, language: Language = "en") -> str:
        """Say the facts first: what is asked, promised, decided, open, and the figures."""
        zh = language == "zh"
        digest = self.digest
        if not digest.messages:
            return (
                f"与{self.about_zh}没有往来消息。"
                if zh
                else f"Nothing was written with {self.about}."
            )
        count = len(self.threads)
        head = (
            f"{self.about_zh}：{count} 个会话，{digest.messages} 条消息。"
            if zh
            else f"{self.about}: {digest.messages} messages in {count} conversation"
            f"{'s' if count > 1 else ''}."
        )
        parts = [head]
        for act in _ORDER:
            for side in ("us", "them") if act is Act.PROMISE else ("them", "us"):
                lines = shown(digest.of(act), side, self.today)
                if lines:
                    title = _TITLES[act, side].in_(language)
                    parts.append(f"{title}{'：' if zh else ': '}{self._lines(lines, language)}")
        if not digest.of(*_ORDER) and digest.points:
            parts.append(self._lines(digest.points, language))
        parts += self._figures(language)
        return "\n".join(parts)

    def _figures(self, language: Language) -> Iterable[str]:
        zh = language == "zh"
        amounts = list(dict.fromkeys(each.said for each in self.digest.amounts))
        if amounts:
            yield f"金额：{'、'.join(amounts)}。" if zh else f"Amounts: {', '.join(amounts)}."
        tone = _TONES[self.digest.tone].in_(language)
        yield f"语气：{tone}。" if zh else f"Tone: {tone}."
        if self.digest.planted:
            between = "、" if zh else ", "
            yield _PLANTED.in_(language).format(between.join(self.digest.planted))
        if step := next_step(self.digest, self.today):
            yield f"建议下一步：{step.zh}。" if zh else f"Suggested next step: {step.en}."

    def _lines(self, lines: Sequence[Line], language: Language) -> str:
        return " ".join(said_line(line, self.today, language) for line in lines)

    def grid(self) -> Grid | None:
        """List every line with who said it, when, by when, and where it stands."""
        rows: list[tuple[Any, ...]] = [
            (
                word(f"act_{line.act}"),
                line.speaker or word("out"),
                line.on.isoformat(),
                line.text,
                "" if line.due is None else line.due.isoformat(),
                line.message,
            )
            for line in (*self.digest.lines, *self.digest.points)
            if line.act is not Act.PLANTED
        ]
        return Grid(
            (
                Column("what", "类别"),
                Column("who", "谁"),
                Column("said on", "日期", "date"),
                Column("words", "原文"),
                Column("by", "期限", "date"),
                Column("message", "消息"),
            ),
            tuple(rows),
        )


def shown(lines: Sequence[Line], side: str, today: date) -> list[Line]:
    """Choose what to say aloud: of questions the open ones, of promises the overdue ones first."""
    own = [
        line for line in lines if line.side == side and (line.open or line.act is not Act.QUESTION)
    ]
    if lines and lines[0].act is Act.PROMISE:
        own.sort(key=lambda line: (line.due is None or line.due >= today, line.due or date.max))
        return own[:SHOWN_MAX]
    return own[-SHOWN_MAX:]


def said_line(line: Line, today: date, language: Language) -> str:
    """Say one line: the words, who, when, by when, and in which message."""
    zh = language == "zh"
    who = line.speaker or ("我方" if zh else "we")
    on = f"{line.on.month}月{line.on.day}日" if zh else f"{line.on.day} {line.on:%b}"
    facts = [who, on, line.message]
    if line.due is not None:
        late = line.due < today and line.act is Act.PROMISE
        due = f"{line.due}" + ((" 已过期" if zh else ", overdue") if late else "")
        facts.append(f"期限 {due}" if zh else f"by {due}")
    inside = ("，" if zh else ", ").join(facts)
    return f"“{line.text}”（{inside}）" if zh else f"“{line.text}” ({inside})"


def next_step(digest: Digest, today: date) -> Said | None:
    """Return what the words call for first."""
    late = [
        line
        for line in digest.of(Act.PROMISE, side="us")
        if line.due is not None and line.due < today
    ]
    if late:
        return Said(
            f"see whether the promise in {late[0].message} was kept",
            f"核实 {late[0].message} 中的承诺是否已兑现",
        )
    if digest.of(Act.COMPLAINT, side="them") and digest.tone == "bad":
        last = digest.of(Act.COMPLAINT, side="them")[-1].message
        return Said(f"answer the complaint in {last}", f"答复 {last} 中的投诉")
    unanswered = [line for line in digest.of(Act.ASK, Act.QUESTION, side="them") if line.open]
    if unanswered:
        return Said(f"answer {unanswered[-1].message}", f"答复 {unanswered[-1].message}")
    return None


def summarise(session: Session, arguments: Summarise) -> Summary:
    """Gather what was said; nothing is written that is not there."""
    ours = company(session)
    if arguments.thread is not None:
        thread = communications.find_thread(session, arguments.thread)
        found = summary_of(session, thread)
        about = f"{thread.number} “{thread.subject}”"
        return Summary(
            about=about, about_zh=about, threads=(thread.number,), digest=found, today=ours.today
        )
    party = parties.find_party(session, str(arguments.party))
    since, until = instants_of(session, arguments.period)
    threads = communications.threads_of(session, party.id, since=since, until=until)
    days = (since and since.date(), until and until.date())
    digests = [_within(each, *days) for each in summaries_of(session, threads)]
    return Summary(
        about=f"{party.number} {party.name}",
        about_zh=f"{party.number} {party.name_zh or party.name}",
        threads=tuple(thread.number for thread in threads),
        digest=_joined(digests),
        today=ours.today,
    )


def _within(digest: Digest, since: date | None, until: date | None) -> Digest:
    """Leave out what was said at another time."""
    if since is None and until is None:
        return digest

    def counts(line: Line) -> bool:
        return (since is None or line.on >= since) and (until is None or line.on < until)

    lines, points = (tuple(filter(counts, each)) for each in (digest.lines, digest.points))
    told = {line.message for line in (*lines, *points)}
    return digest.model_copy(
        update={
            "lines": lines,
            "points": points,
            "amounts": tuple(each for each in digest.amounts if each.message in told),
            "days": tuple(each for each in digest.days if each.message in told),
        }
    )


def _joined(digests: Sequence[Digest]) -> Digest:
    def all_of(name: str) -> tuple[Any, ...]:
        return tuple(each for digest in digests for each in getattr(digest, name))

    lines = sorted(all_of("lines"), key=lambda line: line.on)
    return Digest(
        lines=tuple(lines),
        points=tuple(sorted(all_of("points"), key=lambda line: line.on)[-SHOWN_MAX:]),
        amounts=all_of("amounts"),
        days=all_of("days"),
        tone=digests[-1].tone if digests else "neutral",
        automatic=all_of("automatic"),
        planted=all_of("planted"),
        messages=sum(digest.messages for digest in digests),
    )


TOOLS = (
    Tool(
        name=SUMMARISE,
        arguments=Summarise,
        run=summarise,
        writes=False,
        title="Summarise what was written",
        title_zh="总结往来",
        roles=READERS,
    ),
)
