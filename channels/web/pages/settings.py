"""One's own account, and, for administrators, the passwords of others.

Passwords take no proposal: a plan is stored and shown, and a secret must not be.
"""

from fastapi import Request

from channels.web.calendars import offer_calendar
from channels.web.elements import Choice, Field, box, button, say, table
from channels.web.layout import Visit
from core.kernel import troubles
from core.kernel.company import company
from core.kernel.database import reading, unit_of_work
from core.kernel.errors import NotPermitted
from core.kernel.identity import queries
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from tools.notifications import local_time


async def build(visit: Visit, request: Request) -> None:
    """Show who one is, and let one change the password."""
    actor = visit.visitor.actor
    with box("two"):
        with box("panel"):
            say(visit.t("your_account"), "panel-title")
            with box("panel-body"), box("pairs", tag="dl"):
                for name, value in (
                    (visit.t("login"), actor.name),
                    (visit.t("name"), visit.visitor.name),
                    (visit.t("roles"), ", ".join(sorted(actor.roles))),
                ):
                    say(name, tag="dt")
                    say(value, tag="dd")
        with box("panel"):
            say(visit.t("change_password"), "panel-title")
            with box("panel-body"), box("form"):
                _own_password(visit, _address(request))
    offer_calendar(visit, str(request.base_url))
    if Role.ADMIN in actor.roles:
        await _troubles(visit)
        await _people(visit, _address(request))


async def _troubles(visit: Visit) -> None:
    """Show what works by itself and does not work now."""

    def read() -> tuple[list[troubles.Trouble], str]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            zone = company(session).zone.key
            found = troubles.list_troubles(session)
            session.expunge_all()
            return found, zone

    found, zone = await visit.house.run(read)
    columns = [(visit.t(name), "") for name in ("work", "trouble_since", "times", "problem")]
    rows = [
        (one.name, local_time(one.began_at, zone), str(one.times), one.problem) for one in found
    ]
    with box("panel", tag="section", aria_label=visit.t("at_work")):
        say(visit.t("at_work"), "panel-title")
        with box("panel-body"):
            if rows:
                table(columns, rows, classes="stacked", label=visit.t("at_work"))
            else:
                say(visit.t("all_well"), "hint")


def _own_password(visit: Visit, address: str) -> None:
    given = {"current": "", "new": ""}

    def change() -> None:
        with unit_of_work(visit.house.engine, visit.visitor.acting) as session:
            identity.change_own_password(
                session,
                visit.visitor.actor.name,
                current=given["current"],
                new=given["new"],
                address=address,
            )

    async def changed() -> None:
        await visit.house.run(change)
        visit.toast(visit.t("password_changed"))
        visit.client.open("/login")

    async def ask() -> None:
        if await visit.confirmed():
            await visit.tried(changed)

    _secret(visit, "current_password", given, "current")
    _secret(visit, "new_password", given, "new")
    button(visit.t("change_password"), ask, "primary")


async def _people(visit: Visit, address: str) -> None:
    def read() -> list[queries.PersonView]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            return queries.list_people(session)

    people = await visit.house.run(read)
    columns = [
        (visit.t("login"), ""),
        (visit.t("name"), ""),
        (visit.t("roles"), "wide"),
        (visit.t("language"), ""),
        (visit.t("password"), ""),
        (visit.t("state"), ""),
    ]
    with box("panel"):
        say(visit.t("people"), "panel-title")
        with box("panel-body"):
            table(
                columns,
                [
                    (
                        person.login,
                        person.name,
                        ", ".join(person.roles),
                        person.language,
                        "✓" if person.has_password else "–",
                        visit.t("active" if person.active else "inactive"),
                    )
                    for person in people
                ],
                classes="stacked",
                label=visit.t("people"),
            )
    others = [
        person
        for person in people
        if person.active and not person.is_service and person.login != visit.visitor.actor.name
    ]
    if others:
        with box("panel"):
            say(visit.t("set_password"), "panel-title")
            with box("panel-body"), box("form"):
                _password_of_another(visit, others, address)


def _password_of_another(visit: Visit, others: list[queries.PersonView], address: str) -> None:
    given = {"login": others[0].login, "own": "", "new": ""}

    def choose(login: str) -> None:
        given["login"] = login

    def set_it() -> None:
        with unit_of_work(visit.house.engine, visit.visitor.acting) as session:
            if Role.ADMIN not in visit.visitor.actor.roles:
                raise NotPermitted(what=visit.t("set_password"), roles=Role.ADMIN)
            identity.set_password_of(
                session, given["login"], given["new"], own=given["own"], address=address
            )

    async def done() -> None:
        await visit.house.run(set_it)
        visit.toast(visit.t("password_set"))

    async def ask() -> None:
        if await visit.confirmed():
            await visit.tried(done)

    options = [(person.login, f"{person.login} · {person.name}") for person in others]
    Choice(given["login"], options, choose, label=visit.t("login"))
    _secret(visit, "new_password", given, "new")
    _secret(visit, "your_password_first", given, "own")
    button(visit.t("set_password"), ask, "primary")


def _secret(visit: Visit, text: str, given: dict[str, str], name: str) -> None:
    def take(typed: str) -> None:
        given[name] = typed

    with box("", tag="label"):
        say(visit.t(text), "field-name", tag="span")
        Field("", take, label=visit.t(text), kind="password")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
