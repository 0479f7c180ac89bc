"""The inbox: what waits for a yes, and what became of the rest."""

import uuid
from urllib.parse import urlencode

from fastapi import Request

from channels.web.card import ProposalCard
from channels.web.elements import box, link, say
from channels.web.layout import Visit
from core.approvals import ProposalState
from core.approvals.errors import UnknownProposal
from tools import ProposalView

SHOWN_MAX = 30


async def build(visit: Visit, request: Request) -> None:
    """Show the proposals of a state as cards; open ones come and go while one looks."""
    state = request.query_params.get("state", "open")
    mine = request.query_params.get("mine") == "1"
    _filters(visit, state, mine=mine)
    shown: dict[uuid.UUID, ProposalCard] = {}
    empty = say(visit.t("inbox_empty"), "empty")
    cards = box("cards")

    async def show_another(view: ProposalView) -> None:
        visit.client.open(f"/proposal/{view.id}")

    async def refresh() -> None:
        wanted = None if state == "all" else ProposalState(state)
        house, acting = visit.house, visit.visitor.acting
        views = await house.run(
            house.toolbox.inbox, house.engine, acting, state=wanted, limit=SHOWN_MAX
        )
        for card in list(shown.values()):
            # What was decided here stays, so that one sees what became of it.
            await card.refresh()
        with cards:
            for view in reversed(views):
                if view.id not in shown and (view.may_decide or not mine):
                    card = ProposalCard(visit, view, shows_another=show_another)
                    card.frame.move(target_index=0)
                    shown[view.id] = card
        empty.set_visibility(not shown)

    await refresh()
    if state == "open":
        visit.when_proposals_change(refresh)


async def build_one(visit: Visit, request: Request) -> None:
    """Show one proposal by its id or its number."""
    wanted = str(request.path_params["proposal_id"])
    house, acting = visit.house, visit.visitor.acting
    if wanted.upper().startswith("PR-"):
        view = await house.run(house.toolbox.find_by_number, house.engine, acting, wanted)
    else:
        try:
            proposal_id = uuid.UUID(wanted)
        except ValueError:
            raise UnknownProposal(id=wanted[:40]) from None
        view = await house.run(house.toolbox.look, house.engine, acting, proposal_id)

    async def show_another(view: ProposalView) -> None:
        visit.client.open(f"/proposal/{view.id}")

    link(f"← {visit.t('inbox')}", "/inbox", "back")
    card = ProposalCard(visit, view, shows_another=show_another)
    visit.when_proposals_change(card.refresh)


def _filters(visit: Visit, state: str, *, mine: bool) -> None:
    with box("filters", tag="nav"):
        for key in ("open", "executed", "rejected", "withdrawn", "expired", "all"):
            where = urlencode({"state": key, **({"mine": "1"} if mine else {})})
            link(visit.t(key), f"/inbox?{where}", "chip on" if key == state else "chip")
        where = urlencode({"state": state, **({} if mine else {"mine": "1"})})
        link(visit.t("mine"), f"/inbox?{where}", "chip on" if mine else "chip")
