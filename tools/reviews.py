"""Tools of reviews: cycles, goals, scores, feedback, sharing.

What these answer is kept with the proposal: no score and no word of a review stands there.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core import hr
from core.hr import reviews
from core.hr.reviews import Side
from core.hr.reviews.tables import READERS
from core.kernel.errors import Language
from core.kernel.words import word
from tools.base import (
    Answer,
    Arguments,
    Column,
    Day,
    FreeText,
    Grid,
    Ref,
    Text,
    Tool,
    Words,
    never,
)
from tools.people import (
    EVERYBODY,
    NOBODY,
    EmployeeRef,
    Noted,
    about_nobody,
    employee_of,
    pin_person,
)

CycleRef = Annotated[Text, Ref("review_cycle")]
Said = Annotated[Words, Field(min_length=1)]
SAY_ANEW = ("say it anew instead", "请改为重新填写")
SHARED = ("what was shared stays", "已公布的内容保留")


class OpenCycle(Arguments):
    """Open a cycle of reviews: everybody is reviewed for a period by their manager of today."""

    name: Annotated[Text, FreeText()] = Field(description="What it is called, such as 2026 H1.")
    starts_on: Day = Field(description="The first day of the period.")
    ends_on: Day = Field(description="The last day of the period.")


class CloseCycle(Arguments):
    """Close a cycle of reviews: nothing of it changes any more."""

    cycle: CycleRef = Field(description="The cycle, such as RC-00042.")


class SetGoal(Arguments):
    """Set a goal of somebody's review, with its percent of the whole."""

    title: Annotated[Text, FreeText()] = Field(description="What is to be reached.")
    weight: int = Field(ge=1, le=100, description="Its percent of the whole.")
    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")


class ScoreGoal(Arguments):
    """Score a goal of a review from 1 to 5: one's own, or of somebody one reviews."""

    goal: int = Field(ge=1, le=100, description="Which goal, by its number.")
    score: int = Field(ge=1, le=5, description="From 1 to 5.")
    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")


class WriteSummary(Arguments):
    """Write in words how a period went: one's own, or of somebody one reviews."""

    text: Said = Field(description="What is to be said.")
    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")


class GiveFeedback(Arguments):
    """Give feedback on a colleague for their review; they learn who it was only if said openly."""

    employee: EmployeeRef = Field(description="On whom.")
    text: Said = Field(description="What one thinks.")
    openly: bool = Field(default=False, description="Whether they may know who said it.")


class ShareReview(Arguments):
    """Share a finished review with the reviewed: it gets its score, and stays as it is."""

    employee: EmployeeRef = Field(description="Whose review.")


class ShowReview(Arguments):
    """Show a review: goals, scores, words and feedback, as far as they are one's own to see."""

    employee: EmployeeRef | None = Field(default=None, description="Whose; one's own if empty.")


def open_cycle(session: Session, arguments: OpenCycle) -> Noted:
    """Open it."""
    cycle = reviews.open_cycle(
        session, name=arguments.name, starts_on=arguments.starts_on, ends_on=arguments.ends_on
    )
    return Noted(
        number=cycle.number,
        said=f"reviews for {cycle.name} are open.",
        said_zh=f"{cycle.name} 的考核已开启。",
    )


def close_cycle(session: Session, arguments: CloseCycle) -> Noted:
    """Close it."""
    cycle = reviews.close_cycle(session, arguments.cycle)
    return Noted(
        number=cycle.number,
        said=f"reviews for {cycle.name} are closed.",
        said_zh=f"{cycle.name} 的考核已关闭。",
    )


def set_goal(session: Session, arguments: SetGoal) -> Noted:
    """Set it."""
    person = employee_of(session, arguments.employee)
    goal = reviews.set_goal(session, person, title=arguments.title, weight=arguments.weight)
    return Noted(
        number=person.number,
        said=f"goal {goal.position} counts {goal.weight} %.",
        said_zh=f"第 {goal.position} 项目标占 {goal.weight}%。",
    )


def score_goal(session: Session, arguments: ScoreGoal) -> Noted:
    """Score it."""
    person = employee_of(session, arguments.employee)
    reviews.score_goal(session, person, arguments.goal, arguments.score)
    return Noted(
        number=person.number,
        said=f"goal {arguments.goal} is scored.",
        said_zh=f"第 {arguments.goal} 项目标已评分。",
    )


def write_summary(session: Session, arguments: WriteSummary) -> Noted:
    """Write it."""
    person = employee_of(session, arguments.employee)
    reviews.write_summary(session, person, arguments.text)
    return Noted(number=person.number, said="it is written.", said_zh="已填写。")


def give_feedback(session: Session, arguments: GiveFeedback) -> Noted:
    """Give it."""
    person = hr.find_employee(session, arguments.employee)
    reviews.give_feedback(session, person, arguments.text, openly=arguments.openly)
    return Noted(number=person.number, said="your feedback is noted.", said_zh="您的反馈已登记。")


def share_review(session: Session, arguments: ShareReview) -> Noted:
    """Share it."""
    person = hr.find_employee(session, arguments.employee)
    review = reviews.share_review(session, person)
    return Noted(
        number=review.number,
        said=f"the review of {person.number} is shared.",
        said_zh=f"{person.number} 的考核已公布。",
    )


class ReviewShown(Answer):
    """A review."""

    number: str
    name: str
    cycle: str
    reviewer: str
    shared_on: date | None
    score: Decimal | None
    goals: list[tuple[int, str, int, int | None, int | None]]
    texts: list[tuple[str, str]]
    feedback: list[tuple[str, str]]

    def sentence(self, language: Language = "en") -> str:
        """Say whose, for when, and its score once it is shared."""
        if self.score is None:
            goals = len(self.goals)
            if language == "zh":
                return f"{self.name} 的 {self.cycle} 考核：{goals} 项目标，尚未公布。"
            many = "1 goal" if goals == 1 else f"{goals} goals"
            return f"The review of {self.name} for {self.cycle}: {many}, not shared yet."
        grade = word(reviews.grade_of(self.score), language)
        if language == "zh":
            return f"{self.name} 的 {self.cycle} 考核得分 {self.score}，{grade}。"
        return f"The review of {self.name} for {self.cycle}: {self.score}, {grade}."

    def grid(self) -> Grid:
        """Return a row for each goal."""
        columns = (
            Column("goal", "序号", "number"), Column("what", "目标"),
            Column("weight %", "权重%", "number"), Column("by oneself", "自评", "number"),
            Column("by manager", "上级评分", "number"),
        )  # fmt: skip
        return Grid(columns, tuple(self.goals))

    def notes(self, language: Language = "en") -> list[str]:
        """Return what was said in words, and who said it as far as it is to be known."""
        said = [f"{word(side, language)}: {text}" for side, text in self.texts]
        nobody = "同事" if language == "zh" else "a colleague"
        return said + [f"{author or nobody}: {text}" for author, text in self.feedback]


def show_review(session: Session, arguments: ShowReview) -> ReviewShown:
    """Read it, as far as it is for whoever asks to see."""
    found = reviews.review_view(session, employee_of(session, arguments.employee))
    return ReviewShown(
        number=found.number,
        name=found.employee,
        cycle=found.cycle,
        reviewer=found.reviewer,
        shared_on=found.shared_on,
        score=found.score,
        goals=[
            (each.position, each.title, each.weight, each.by_oneself, each.by_manager)
            for each in found.goals
        ],
        texts=[(side, found.texts[side]) for side in Side if side in found.texts],
        feedback=[(each.author or "", each.text) for each in found.feedback],
    )


TOOLS = [
    Tool(
        "reviews.open_cycle", OpenCycle, open_cycle, writes=True, title="Open reviews",
        title_zh="开启考核周期", roles=READERS, undo=never(SAY_ANEW),
    ),
    Tool(
        "reviews.close_cycle", CloseCycle, close_cycle, writes=True, title="Close reviews",
        title_zh="关闭考核周期", roles=READERS, undo=never(SHARED),
    ),
    Tool(
        "reviews.set_goal", SetGoal, set_goal, writes=True, title="Set goal", title_zh="设定目标",
        roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody, pin=pin_person, undo=never(SAY_ANEW),
    ),
    Tool(
        "reviews.score_goal", ScoreGoal, score_goal, writes=True, title="Score goal",
        title_zh="目标评分", roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody, pin=pin_person,
        undo=never(SAY_ANEW),
    ),
    Tool(
        "reviews.write_summary", WriteSummary, write_summary, writes=True,
        title="Write in review", title_zh="填写考核总结", roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody,
        pin=pin_person, undo=never(SAY_ANEW),
    ),
    Tool(
        "reviews.give_feedback", GiveFeedback, give_feedback, writes=True, title="Give feedback",
        title_zh="提供反馈", roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody, pin=pin_person,
        undo=never(SHARED),
    ),
    Tool(
        "reviews.share_review", ShareReview, share_review, writes=True, title="Share review",
        title_zh="公布考核", roles=EVERYBODY,
        seen_by=NOBODY, private_to=about_nobody, pin=pin_person,
        undo=never(SHARED),
    ),
    Tool(
        "reviews.show_review", ShowReview, show_review, writes=False, title="Show review",
        title_zh="查看考核", roles=EVERYBODY,
    ),
]  # fmt: skip
