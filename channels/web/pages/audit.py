"""The audit trail, to read: who did what for whom, when, and why."""

import re

from fastapi import Request

from channels.web import reads
from channels.web.card import moment
from channels.web.elements import box, link, say, table
from channels.web.layout import Visit
from channels.web.texts import fact_name
from core.kernel.database import reading
from core.kernel.errors import Language
from core.kernel.words import word

SEAL_SHOWN = 12
_NOT_FOR_PEOPLE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{20,}")


async def build(visit: Visit, request: Request) -> None:
    """Show the newest records, or those before a given one."""
    before = request.query_params.get("before", "")

    def read() -> list[reads.Deed]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return reads.deeds(session, before=int(before) if before.isdecimal() else None)

    deeds = await visit.house.run(read)
    if not deeds:
        say(visit.t("nothing_yet"), "empty")
        return
    columns = [
        ("#", "number"),
        (visit.t("at"), "nowrap"),
        (visit.t("who"), ""),
        (visit.t("what"), "wide"),
        (visit.t("for_whom"), ""),
        (visit.t("why"), "wide"),
        (visit.t("proposal"), "nowrap"),
        (visit.t("seal"), "nowrap"),
    ]
    shown = [
        (
            str(deed.sequence),
            moment(deed.at),
            deed.person,
            what(deed, visit.language),
            deed.on_behalf_of,
            deed.why[:200],
            (visit.t("open_page"), f"/proposal/{deed.proposal_id}") if deed.proposal_id else "",
            deed.hash[:SEAL_SHOWN],
        )
        for deed in deeds
    ]
    with box("panel"), box("panel-body"):
        table(columns, shown, classes="stacked", label=visit.t("audit"))
    with box("filters"):
        if before:
            link(visit.t("newest"), "/audit", "chip")
        if deeds[-1].sequence > 1:
            link(visit.t("older"), f"/audit?before={deeds[-1].sequence}", "chip")


def what(deed: reads.Deed, language: Language) -> str:
    """Say in one line what happened: the fact, and its plain values."""
    values = [
        word(value, language) if isinstance(value, str) else str(value)
        for value in deed.facts.values()
        if isinstance(value, str | int) and not isinstance(value, bool) and _is_for_people(value)
    ]
    return " · ".join([fact_name(deed.name, language), *dict.fromkeys(values)])[:240]


def _is_for_people(value: str | int) -> bool:
    """Tell whether a value says something to a person: ids and seals do not."""
    return value != "" and not _NOT_FOR_PEOPLE.search(str(value))
