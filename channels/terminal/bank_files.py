"""`prokurist import bank`: a file of the bank, on the one road."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine

from core.invoicing.banking.errors import FileTooLarge
from core.invoicing.banking.formats import BYTES_MAX
from core.kernel.errors import DomainError
from core.kernel.identity.acting import Acting
from tools import TOOLBOX, Outcome, ProposalView
from tools.banking import packed


class FileUnreadable(DomainError):
    """The file {file} cannot be read: {problem}."""

    zh = "无法读取文件 {file}：{problem}。"


def import_bank_file(
    engine: Engine,
    acting: Acting,
    file: Path,
    given: Mapping[str, str | None],
    *,
    approve: bool,
) -> tuple[ProposalView, Outcome | None]:
    """Propose to import a file and, where asked for, approve that; return what was proposed."""
    try:
        if (size := file.stat().st_size) > BYTES_MAX:
            raise FileTooLarge(size=f"{size:,} B", most=f"{BYTES_MAX:,} B")
        content = file.read_bytes()
    except OSError as problem:
        raise FileUnreadable(file=file, problem=problem.strerror or problem) from None
    arguments = {name: value for name, value in given.items() if value is not None}
    arguments |= {"content": packed(content), "packing": "gzip", "file_name": file.name}
    plan = TOOLBOX.parse([{"tool": "banking.import_statement", "arguments": arguments}])
    card = TOOLBOX.propose(engine, acting, plan, reason={"words": f"import bank {file.name}"})
    if not approve:
        return card, None
    return card, TOOLBOX.decide(engine, acting, card.id, "approve", seen=card.digest)
