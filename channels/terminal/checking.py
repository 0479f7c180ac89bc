"""`prokurist verify` and `prokurist metrics`: what holds, and what can be asked."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from core import compliance
from core.compliance import Finding
from core.kernel.audit_anchor import export_anchor, read_anchor, verify_against
from core.kernel.company import company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import Language
from core.processes.upkeep import rebuild_totals


@dataclass(frozen=True)
class Checked:
    """What the checks of a company's books found, and how long they took."""

    company: str
    checks: int
    findings: list[Finding]
    seconds: float


def checked(engine: Engine, *, against: Path | None = None) -> Checked:
    """Run every check on one consistent picture of the company, and compare it with an anchor."""
    started = time.monotonic()
    kept = None if against is None else read_anchor(against.read_text("utf-8", "replace"))
    with reading(engine) as session:
        name = company(session).name
        findings = compliance.verify(session)
        fault = None if kept is None else verify_against(session, kept)
        if fault is not None:
            findings.append(Finding("anchor", f"record {fault.sequence}", fault.problem))
    count = len(compliance.BOOKS) + len(compliance.TRAIL)
    return Checked(name, count, findings, round(time.monotonic() - started, 2))


def rebuild(engine: Engine, language: Language) -> str:
    """Add up anew what is kept only to be read quickly; say how much of it had been wrong."""
    wrong = rebuild_totals(engine)
    if language == "zh":
        accounts, orders = wrong["accounts"], wrong["orders"]
        return f"已重新汇总科目余额与订单合计；此前分别有 {accounts}、{orders} 处不符。"
    return (
        "The totals of the accounts and of the orders are added up anew;"
        f" {wrong['accounts']} and {wrong['orders']} of them had been wrong."
    )


def write_anchor(engine: Engine, file: Path, language: Language) -> str:
    """Write an anchor of the audit trail to a file; say what it holds."""
    with unit_of_work(engine) as session:
        made = export_anchor(session)
    file.write_text(made.text(), "utf-8")
    if language == "zh":
        return f"已将第 {made.records} 条审计记录锚定到 {file}。请在本系统之外保存。"
    return f"Record {made.records} of the audit trail is anchored in {file}; keep it elsewhere."


def say_findings(outcome: Checked, language: Language) -> Iterator[str]:
    """Say what was found, line by line."""
    for finding in outcome.findings:
        yield f"{finding.invariant} {finding.subject}: {finding.problem}"
    count, facts = len(outcome.findings), (outcome.company, outcome.checks, outcome.seconds)
    if language == "zh":
        verdict = f"发现 {count} 处问题" if count else "全部通过"
        yield "{}：{} 项检查，{}（{:.1f} 秒）。".format(*facts[:2], verdict, facts[2])
    else:
        verdict = f"{count} findings" if count else "all of them hold"
        yield "{}: {} checks, {} ({:.1f} s).".format(*facts[:2], verdict, facts[2])
