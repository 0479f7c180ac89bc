"""Tools of saved reports: keep a question under a name, run it again, share it."""

from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core.kernel.database import acting
from core.kernel.errors import Language
from core.kernel.identity.roles import Role
from core.kernel.semantics import Said
from core.reporting import saved
from core.reporting.lists import Listing
from core.reporting.saved import Question, ReportView
from tools.base import Answer, Arguments, Call, Column, Grid, Ref, Text, Tool, Undoing
from tools.records import RecordsListed
from tools.reporting import ReportAnswer

SAVE, RUN, RENAME = "saved.save", "saved.run", "saved.rename"
SHARE, DELETE, LIST = "saved.share", "saved.delete", "saved.list"

# Whoever may ask a question may keep it; watchers have nothing to come back to.
PEOPLE = frozenset(Role) - {Role.WATCHER}

ReportName = Annotated[
    Text, Ref("saved_report"), Field(description="Its name, or its number such as REP-00001.")
]


class SaveReport(Arguments):
    """Save a question under a name, to be asked again later with the days of that time."""

    name: Text
    query: Question = Field(description="About figures, or for records.")
    replace: bool = Field(default=False, description="Replace your report of that name.")


class RunReport(Arguments):
    """Ask a saved question again, as of now."""

    report: ReportName


class RenameReport(Arguments):
    """Give a saved report another name."""

    report: ReportName
    name: Text


class ShareReport(Arguments):
    """Let the people of some roles run your saved report, each seeing what they may see."""

    report: ReportName
    roles: Annotated[tuple[Role, ...], Field(max_length=len(Role))] = Field(
        default=(), description="Exactly these; none takes it back from everybody."
    )


class DeleteReport(Arguments):
    """Take a saved report out of the list."""

    report: ReportName


class ListReports(Arguments):
    """List the reports that you saved, and those shared with you."""


class ReportKept(Answer):
    """A saved report, and what became of it."""

    number: str
    name: str
    version: int
    became: str
    shared_with: tuple[str, ...] = ()
    before: str = ""
    shared_before: tuple[str, ...] = ()

    def sentence(self, language: Language = "en") -> str:
        """Say what became of it, and how to use it."""
        en, zh = {
            "saved": (
                f"Saved as “{self.name}” ({self.number}). Say “show {self.name}” to see it again.",
                f"已保存为“{self.name}”（{self.number}）。说“查看{self.name}”即可再次查看。",
            ),
            "replaced": (
                f"“{self.name}” ({self.number}) asks the new question now, version {self.version}.",
                f"“{self.name}”（{self.number}）已改为新的问题，第{self.version}版。",
            ),
            "renamed": (
                f"“{self.before}” is called “{self.name}” now.",
                f"“{self.before}”已改名为“{self.name}”。",
            ),
            "shared": (
                f"“{self.name}” can be run by: {', '.join(self.shared_with) or 'you alone'}.",
                f"可运行“{self.name}”的角色：{'、'.join(self.shared_with) or '仅您本人'}。",
            ),
            "deleted": (f"“{self.name}” is out of the list.", f"“{self.name}”已从列表中移除。"),
        }[self.became]
        return zh if language == "zh" else en


class _Named(Answer):
    """An answer that was asked for by the name that its question is saved under."""

    name: str
    number: str
    version: int
    says: Said

    def sentence(self, language: Language = "en") -> str:
        """Say the name before the figures."""
        colon = "：" if language == "zh" else ": "
        return f"{self.name}{colon}{super().sentence(language)}"

    def heading(self, _language: Language = "en") -> str:
        """Print it under its own name."""
        return self.name

    def notes(self, language: Language = "en") -> list[str]:
        """Say which question it is, and of which version."""
        return [f"{self.number} v{self.version} · {self.says.in_(language)}"]


class SavedAnswer(_Named, ReportAnswer):
    """The figures that a saved report asks for."""

    def notes(self, language: Language = "en") -> list[str]:
        """Say what the figures are made of as well."""
        return [*super().notes(language), self.report.basis.in_(language)]


class SavedListing(_Named, RecordsListed):
    """The records that a saved report asks for."""


class ReportList(Answer):
    """The reports that somebody may run."""

    reports: tuple[ReportView, ...]

    def sentence(self, language: Language = "en") -> str:
        """Name them."""
        names = [f"“{report.name}”" for report in self.reports]
        if language == "zh":
            return (
                f"已存报表 {len(names)} 个：{'、'.join(names)}。" if names else "还没有已存报表。"
            )
        if not names:
            return "No report is saved yet. After a question, say “save this as …”."
        return f"{len(names)} saved: {', '.join(names)}."

    def grid(self) -> Grid | None:
        """List them with their questions."""
        return Grid(
            (
                Column("number", "编号"),
                Column("name", "名称"),
                Column("question", "英文问题"),
                Column("Chinese question", "问题"),
                Column("owner", "所有者"),
                Column("shared with", "共享给"),
                Column("version", "版本", "number"),
            ),
            tuple(
                (
                    report.number,
                    report.name,
                    report.says.en,
                    report.says.zh,
                    report.owner,
                    ", ".join(report.shared_with),
                    report.version,
                )
                for report in self.reports
            ),
        )


def save(session: Session, arguments: SaveReport) -> ReportKept:
    """Keep the question, if it can be asked."""
    saved.ask(session, arguments.query)
    kept = saved.save(
        session, name=arguments.name, query=arguments.query, replace=arguments.replace
    )
    became = "saved" if kept.version == 1 else "replaced"
    return ReportKept(number=kept.number, name=kept.name, version=kept.version, became=became)


def run(session: Session, arguments: RunReport) -> SavedAnswer | SavedListing:
    """Ask the question anew, with the rights of who asks."""
    view = saved.view_report(session, saved.asker(session), arguments.report)
    answer, language = saved.ask(session, view.query), acting(session).actor.language
    if isinstance(answer, Listing):
        return SavedListing(
            listing=answer,
            language=language,
            name=view.name,
            number=view.number,
            version=view.version,
            says=view.says,
        )
    return SavedAnswer(
        report=answer,
        language=language,
        name=view.name,
        number=view.number,
        version=view.version,
        says=view.says,
    )


def rename(session: Session, arguments: RenameReport) -> ReportKept:
    """Call it otherwise."""
    before = saved.find_report(session, saved.asker(session), arguments.report).name
    kept = saved.rename(session, arguments.report, arguments.name)
    return ReportKept(
        number=kept.number, name=kept.name, version=kept.version, became="renamed", before=before
    )


def share(session: Session, arguments: ShareReport) -> ReportKept:
    """Let others run it."""
    before = saved.find_report(session, saved.asker(session), arguments.report).shared_with
    before = list(before)
    kept = saved.share(session, arguments.report, arguments.roles)
    return ReportKept(
        number=kept.number,
        name=kept.name,
        version=kept.version,
        became="shared",
        shared_with=tuple(kept.shared_with),
        shared_before=tuple(before),
    )


def delete(session: Session, arguments: DeleteReport) -> ReportKept:
    """Take it out of the list."""
    kept = saved.delete(session, arguments.report)
    return ReportKept(number=kept.number, name=kept.name, version=kept.version, became="deleted")


def list_reports(session: Session, _arguments: ListReports) -> ReportList:
    """Return own and shared reports."""
    return ReportList(reports=tuple(saved.list_reports(session, saved.asker(session))))


def undo_save(_session: Session, _arguments: SaveReport, answer: dict[str, str]) -> Undoing:
    """Delete what is new; the question that was replaced is not kept."""
    if answer["became"] == "replaced":
        return Undoing(
            impossible=(
                "the question that was replaced is not kept; save it anew",
                "被替换的问题未保留；请重新保存",
            )
        )
    return Undoing((Call(DELETE, DeleteReport(report=answer["number"])),))


def undo_rename(_session: Session, _arguments: RenameReport, answer: dict[str, str]) -> Undoing:
    """Give it the name back that it had."""
    return Undoing((Call(RENAME, RenameReport(report=answer["number"], name=answer["before"])),))


def undo_share(_session: Session, _arguments: ShareReport, answer: dict[str, list[str]]) -> Undoing:
    """Share it as before."""
    roles = tuple(Role(role) for role in answer["shared_before"])
    return Undoing((Call(SHARE, ShareReport(report=str(answer["number"]), roles=roles)),))


def undo_delete(session: Session, _arguments: DeleteReport, answer: dict[str, str]) -> Undoing:
    """Save the same question under the same name again."""
    query = saved.question_once(session, answer["number"])
    return Undoing((Call(SAVE, SaveReport(name=answer["name"], query=query)),))


TOOLS = (
    Tool(
        name=SAVE,
        arguments=SaveReport,
        run=save,
        writes=True,
        title="Save a report",
        title_zh="保存报表",
        roles=PEOPLE,
        undo=undo_save,
    ),
    Tool(
        name=RUN,
        arguments=RunReport,
        run=run,
        writes=False,
        title="Run a saved report",
        title_zh="运行已存报表",
        roles=PEOPLE,
    ),
    Tool(
        name=RENAME,
        arguments=RenameReport,
        run=rename,
        writes=True,
        title="Rename a report",
        title_zh="重命名报表",
        roles=PEOPLE,
        undo=undo_rename,
    ),
    Tool(
        name=SHARE,
        arguments=ShareReport,
        run=share,
        writes=True,
        title="Share a report",
        title_zh="共享报表",
        roles=PEOPLE,
        undo=undo_share,
    ),
    Tool(
        name=DELETE,
        arguments=DeleteReport,
        run=delete,
        writes=True,
        title="Delete a saved report",
        title_zh="删除已存报表",
        roles=PEOPLE,
        undo=undo_delete,
    ),
    Tool(
        name=LIST,
        arguments=ListReports,
        run=list_reports,
        writes=False,
        title="List the saved reports",
        title_zh="列出已存报表",
        roles=PEOPLE,
    ),
)
