"""Records of service: tickets and articles, as whoever looks may see them."""

from sqlalchemy.orm import Session

from channels.web.elements import page_of_record
from channels.web.layout import Visit
from channels.web.pages.shown import Reads, Shown, named
from core import support
from core.kernel.words import word
from tools.trade import own_party


def _ticket(session: Session, number: str, visit: Visit) -> Shown:
    view = support.view_ticket(session, number, own_party=own_party(session))
    t, language = visit.t, visit.language
    who = f"{view.customer_number} {named(view.customer, view.customer_zh, language)}".strip()
    broken = ", ".join(word(each, language) for each in view.breached)
    score = "" if view.satisfaction is None else f"{view.satisfaction} / 5"
    return Shown(
        title=f"{word('ticket', language)} {view.number} {view.subject}",
        facts=[
            (t("customer"), who),
            (t("contact"), view.contact),
            (t("state"), word(view.state, language)),
            (word("priority", language), word(view.priority, language)),
            (t("kind"), word(view.ticket_type, language)),
            (t("ticket_source"), word(view.source, language)),
            (word("assignee", language), view.assignee),
            (word("support_team", language), view.team),
            (t("opened_at"), support.local_said(session, view.opened_at)),
            (t("answer_due"), support.local_said(session, view.response_due_at)),
            (t("answered_at"), support.local_said(session, view.first_responded_at)),
            (t("solution_due"), support.local_said(session, view.resolution_due_at)),
            (t("resolved_at"), support.local_said(session, view.resolved_at)),
            (word("sla_policy", language), view.policy),
            (word("breached", language), broken),
            (word("merged_into", language), view.merged_into),
            (t("merged"), ", ".join(view.merged)),
            (
                t("is_about"),
                [
                    (f"{word(kind, language)} {key}", page_of_record(kind, key) or "#")
                    for kind, key in view.links
                ],
            ),
            (word("tags", language), ", ".join(view.tags)),
            (t("solution"), view.resolution),
            (word("satisfaction", language), f"{score} {view.satisfaction_said}".strip()),
        ],
        columns=[(t("at"), "nowrap"), (t("kind"), ""), (t("who"), ""), (t("detail"), "")],
        rows=[
            (
                support.local_said(session, each.said_at),
                word(each.kind, language),
                each.author,
                each.body,
            )
            for each in view.messages
        ],
    )


def _article(session: Session, number: str, visit: Visit) -> Shown:
    t, language = visit.t, visit.language
    view = support.view_article(
        session, number, language=language, for_customers=own_party(session) is not None
    )
    return Shown(
        title=f"{word('article', language)} {view.number} {view.title}",
        facts=[
            (t("state"), word(view.state, language)),
            (t("version"), str(view.version)),
            (
                word("readers", language),
                word("internal" if view.internal else "everybody", language),
            ),
            (word("helped", language), str(view.helped)),
            (word("did_not_help", language), str(view.did_not_help)),
            (t("tickets"), str(view.tickets)),
            (word("tags", language), ", ".join(view.tags)),
            (t("detail"), view.body),
        ],
    )


SERVICE_KINDS: dict[str, Reads] = {"ticket": _ticket, "article": _article}
