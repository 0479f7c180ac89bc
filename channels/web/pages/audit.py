"""The audit trail, to read: who did what for whom, when, and why."""

from fastapi import Request

from channels.web import reads
from channels.web.card import moment
from channels.web.elements import box, link, say, table
from channels.web.layout import Visit
from core.kernel.database import reading

SEAL_SHOWN = 12


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
        (visit.t("what"), ""),
        (visit.t("for_whom"), ""),
        (visit.t("why"), ""),
        (visit.t("proposal"), "nowrap"),
        (visit.t("seal"), "nowrap"),
    ]
    shown = [
        (
            str(deed.sequence),
            moment(deed.at),
            deed.person,
            what(deed),
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


def what(deed: reads.Deed) -> str:
    """Say in one line what happened: the fact, and its plain values."""
    values = [
        str(value)
        for name, value in deed.facts.items()
        if isinstance(value, str | int)
        and not isinstance(value, bool)
        and value != ""
        and not name.endswith(("_id", "id", "digest", "hash"))
    ]
    name = deed.name.rpartition(".")[2].replace("_", " ")
    return " · ".join([name, *values])[:240]
