"""Saved reports, schedules and alerts: whose they are, that they tell once, whom they refuse."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, InternalError

from agents.watchers import carry_out_due
from agents.watchers.standing import CLERK
from channels.exports import FileKind, export
from core import catalog, inventory, notifications
from core.compliance import verify
from core.kernel import clock
from core.kernel.company import UnknownTimeZone
from core.kernel.database import DatabaseUnavailable, reading, unit_of_work
from core.kernel.errors import DomainError
from core.kernel.events import ChangeEvent
from core.kernel.identity import service as identity
from core.kernel.identity.roles import Role
from core.kernel.semantics import Said
from core.notifications import ChannelNotOpen, NotificationView, UnknownNotification
from core.reporting import CannotAnswer, NotYoursToSee, saved
from core.reporting.saved import (
    NameTaken,
    NoComparison,
    OneFigureNeeded,
    OrderState,
    ThresholdInAnotherUnit,
    UnknownReport,
    UnknownStandingOrder,
)
from core.reporting.saved.errors import (
    NotAName,
    NotSharedWith,
    NotYourReport,
    OnlyForPeople,
    StaysAsItIs,
)
from core.reporting.saved.tables import StandingOrder, StandingRun
from tests.conftest import Databases
from tests.core.road import approve, ask, propose
from tests.shop import as_person
from tools import TOOLBOX
from tools.errors import BadArguments
from tools.notifications import ListNotifications, NotificationList
from tools.saved import ReportList, SavedAnswer, SavedListing

REVENUE = {"metrics": ["revenue"], "period": {"unit": "week", "offset": -1}}
STOCK = {
    "metrics": ["stock_on_hand"],
    "filters": [{"dimension": "item", "values": ["LAMP-01"]}],
}
# A Monday.
MONDAY = datetime(2026, 6, 15, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(databases: Databases) -> Iterator[Engine]:
    """One shop for the whole module: every test has reports and orders of its own."""
    engine = databases("shop")
    yield engine
    databases.drop(engine)


@pytest.fixture(autouse=True)
def ended(house: Engine) -> Iterator[None]:
    """Leave nothing standing for the next test."""
    yield
    with unit_of_work(house) as session:
        for order in session.scalars(select(StandingOrder)):
            order.state, order.next_at = OrderState.ENDED, None


def done(house: Engine, who: str, tool: str, **arguments: Any) -> str:
    return approve(house, propose(house, who, tool, **arguments), who)


def refused(house: Engine, who: str, tool: str, **arguments: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        propose(house, who, tool, **arguments)
    return caught.value


def told(house: Engine, who: str, source: str = "") -> list[NotificationView]:
    with reading(house) as session:
        person = identity.find_person(session, who)
        found = notifications.list_notifications(session, person.id, limit=200)
    return [one for one in found if one.source == source or not source]


def started(house: Engine, who: str, tool: str, **arguments: Any) -> str:
    """Start a schedule or an alert and return its number."""
    return done(house, who, tool, **arguments).partition(":")[0]


def set_stock(house: Engine, count: int) -> None:
    with unit_of_work(house) as session:
        lamp = catalog.find_item(session, "LAMP-01")
        place = inventory.main_location(session)
        if inventory.stock_levels(session, [lamp.id])[lamp.id].on_hand == count:
            return
        inventory.adjust_stock(
            session, lamp, location=place, counted=Decimal(count), because="counted"
        )


def test_a_question_is_kept_and_asks_about_the_days_of_when_it_is_asked(house: Engine) -> None:
    done(house, "manager", "saved.save", name="weekly  Sales", query=REVENUE)

    now = ask(house, "manager", "saved.run", report="WEEKLY sales")

    assert isinstance(now, SavedAnswer)
    assert now.name == "weekly Sales"
    assert now.report.query.model_dump(mode="json", exclude_defaults=True) == REVENUE
    assert (now.report.span.start, now.report.span.end) == (
        datetime(2026, 6, 8, tzinfo=UTC).date(),
        datetime(2026, 6, 14, tzinfo=UTC).date(),
    )
    assert isinstance(
        refused(house, "manager", "saved.save", name="weekly sales", query=REVENUE), NameTaken
    )


def test_a_list_of_records_is_kept_like_a_question_about_figures(house: Engine) -> None:
    done(house, "manager", "saved.save", name="our items", query={"records": "items"})

    found = ask(house, "manager", "saved.run", report="our items")

    assert isinstance(found, SavedListing)
    assert found.listing.count == 3


def test_a_report_is_its_owners_until_it_is_shared_and_each_sees_what_is_theirs(
    house: Engine,
) -> None:
    margin = {"metrics": ["gross_profit"], "period": {"unit": "month"}}
    done(house, "manager", "saved.save", name="margin", query=margin)
    with pytest.raises(UnknownReport):
        ask(house, "accountant", "saved.run", report="margin")

    done(house, "manager", "saved.share", report="margin", roles=["accountant", "warehouse"])

    assert ask(house, "accountant", "saved.run", report="margin").query() is not None
    with pytest.raises(NotYoursToSee):
        ask(house, "warehouse", "saved.run", report="margin")
    listed = ask(house, "accountant", "saved.list")
    assert isinstance(listed, ReportList)
    assert [(each.name, each.is_own) for each in listed.reports] == [("margin", False)]
    for tool, more in (("rename", {"name": "mine"}), ("delete", {}), ("share", {})):
        refusal = refused(house, "accountant", f"saved.{tool}", report="margin", **more)
        assert isinstance(refusal, NotYourReport)
    shared = refused(house, "manager", "saved.share", report="margin", roles=["customer"])
    assert isinstance(shared, NotSharedWith)


def test_a_report_is_renamed_replaced_deleted_and_each_of_it_taken_back(house: Engine) -> None:
    done(house, "buyer", "saved.save", name="mine", query=REVENUE)
    renamed = propose(house, "buyer", "saved.rename", report="mine", name="yours")
    approve(house, renamed, "buyer")
    assert ask(house, "buyer", "saved.run", report="yours")
    buyer = as_person(house, "buyer")
    back = TOOLBOX.undo(house, buyer, renamed.id)
    approve(house, back, "buyer")

    replaced = done(house, "buyer", "saved.save", name="mine", query=STOCK, replace=True)
    deleted = propose(house, "buyer", "saved.delete", report="mine")
    approve(house, deleted, "buyer")

    assert "version 2" in replaced
    with pytest.raises(UnknownReport):
        ask(house, "buyer", "saved.run", report="mine")
    approve(house, TOOLBOX.undo(house, buyer, deleted.id), "buyer")
    again = ask(house, "buyer", "saved.run", report="mine")
    assert isinstance(again, SavedAnswer)
    assert again.report.query.metrics == ("stock_on_hand",)


@pytest.mark.parametrize("name", ["\u200b\u200b", "a\u202eb", "…", "x" * 81, "   ."])
def test_names_that_nobody_can_see_or_say_are_refused(house: Engine, name: str) -> None:
    assert isinstance(refused(house, "sales", "saved.save", name=name, query=REVENUE), NotAName)


def test_a_hostile_name_stays_a_name(house: Engine) -> None:
    for name in ('=HYPERLINK("http://x")', "<script>alert(1)</script>", "'; DROP TABLE party;--"):
        done(house, "hr", "saved.save", name=name, query={"metrics": ["headcount"]})
        assert ask(house, "hr", "saved.run", report=name).heading() == name
    file = export(
        TOOLBOX, house, as_person(house, "hr"), "saved.list", {}, FileKind.CSV
    ).data.decode("utf-8-sig")
    assert "\n=HYPERLINK" not in file
    assert ",=HYPERLINK" not in file
    assert ',"=HYPERLINK' not in file
    with pytest.raises(BadArguments):
        propose(house, "hr", "saved.save", name="a\x00b", query=REVENUE)


def test_reports_belong_to_people(house: Engine) -> None:
    with reading(house, CLERK) as session, pytest.raises(OnlyForPeople):
        saved.asker(session)


def test_an_export_of_a_saved_report_asks_for_the_rights_again_and_is_noted(house: Engine) -> None:
    margin = {"metrics": ["gross_margin_pct"], "period": {"unit": "month"}}
    done(house, "manager", "saved.save", name="rates", query=margin)
    done(house, "manager", "saved.share", report="rates", roles=["accountant", "warehouse"])

    file = export(
        TOOLBOX, house, as_person(house, "accountant"), "saved.run", {"report": "rates"},
        FileKind.XLSX,
    )  # fmt: skip

    assert file.name.startswith("rates-")
    with pytest.raises(NotYoursToSee):
        export(
            TOOLBOX, house, as_person(house, "warehouse"), "saved.run", {"report": "rates"},
            FileKind.CSV,
        )  # fmt: skip
    with reading(house) as session:
        noted = session.scalars(
            select(ChangeEvent.facts).where(ChangeEvent.name == "tools.answer_exported")
        ).all()
    assert [each["rows"] for each in noted if each["tool"] == "saved.run"] == [1]


def test_a_schedule_tells_once_whoever_looks_and_makes_up_once_for_what_was_missed(
    house: Engine,
) -> None:
    with clock.frozen_at(MONDAY):
        number = started(house, "manager", "standing.schedule", query=REVENUE, on_day=1)
        assert carry_out_due(house, TOOLBOX) == 0
    at_once: list[int] = []

    def clerk() -> None:
        with clock.frozen_at(MONDAY + timedelta(hours=1)):
            at_once.append(carry_out_due(house, TOOLBOX))

    clerks = [threading.Thread(target=clerk) for _ in range(4)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()

    assert sum(at_once) == 1
    with clock.frozen_at(MONDAY + timedelta(days=22)):
        assert [carry_out_due(house, TOOLBOX) for _ in range(2)] == [1, 0]
    # The clock goes back a day: what is told stays told.
    with clock.frozen_at(MONDAY + timedelta(days=21, hours=1)):
        assert carry_out_due(house, TOOLBOX) == 0
    with reading(house) as session:
        runs = saved.due_days(session, number)
        assert [(str(day), outcome.value, missed) for day, outcome, missed in runs] == [
            ("2026-06-15", "told", 0),
            ("2026-07-06", "told", 2),
        ]
    newest, first = told(house, "manager", number)
    assert "2 earlier times" in newest.body.en
    assert "The last time (2026-06-15) it was 0.00 EUR." in newest.body.en
    assert "上次（2026-06-15）" in newest.body.zh
    assert first.content["figures"][0]["definition"].startswith("revenue v")


def test_a_connection_cut_before_the_end_loses_nothing_and_doubles_nothing(house: Engine) -> None:
    with clock.frozen_at(MONDAY):
        number = started(house, "sales", "standing.schedule", query=REVENUE, every="day")
    later = MONDAY + timedelta(hours=2)

    with (
        clock.frozen_at(later),
        pytest.raises((DatabaseUnavailable, InternalError)),
        unit_of_work(house, CLERK) as session,
    ):
        due = saved.claim(session)
        assert due is not None
        assert due.order.number == number
        saved.settle(session, due, saved.Told(Said("a", "b"), Said("c", "d"), {}))
        with house.connect() as other:
            pid = session.scalars(text("SELECT pg_backend_pid()")).one()
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            other.commit()

    assert told(house, "sales", number) == []
    with clock.frozen_at(later):
        assert [carry_out_due(house, TOOLBOX) for _ in range(2)] == [1, 0]
    assert len(told(house, "sales", number)) == 1


def test_who_lost_the_right_to_a_figure_has_the_order_paused_and_is_told_why(
    house: Engine,
) -> None:
    margin = {"metrics": ["gross_profit"], "period": {"unit": "day", "offset": -1}}
    with clock.frozen_at(MONDAY):
        number = started(house, "buyer", "standing.schedule", query=margin, every="day")
    with clock.frozen_at(MONDAY + timedelta(days=1, hours=1)):
        assert carry_out_due(house, TOOLBOX) == 1
    with unit_of_work(house) as session:
        identity.set_roles(session, "buyer", [Role.WAREHOUSE])

    with clock.frozen_at(MONDAY + timedelta(days=2, hours=1)):
        assert [carry_out_due(house, TOOLBOX) for _ in range(2)] == [1, 0]

    paused, earlier = told(house, "buyer", number)
    assert paused.kind == "paused"
    assert "may not see gross profit" in paused.body.en
    assert "resume" in paused.body.en
    # What was told before is theirs no more either.
    seen = ask(house, "buyer", "notifications.list")
    assert isinstance(seen, NotificationList)
    assert {one.body.en for one in seen.told if one.id == earlier.id} == {
        "You may not see these figures any more."
    }
    with unit_of_work(house) as session:
        identity.set_roles(session, "buyer", [Role.BUYER])
    with clock.frozen_at(MONDAY + timedelta(days=2, hours=2)):
        done(house, "buyer", "standing.resume", order=number)
    with clock.frozen_at(MONDAY + timedelta(days=3, hours=1)):
        assert carry_out_due(house, TOOLBOX) == 1


def test_an_order_of_somebody_who_left_or_of_a_report_that_is_gone_is_paused(
    house: Engine,
) -> None:
    with clock.frozen_at(MONDAY):
        done(house, "manager", "saved.save", name="gone soon", query=REVENUE)
        done(house, "manager", "saved.share", report="gone soon", roles=["marketing", "service"])
        first = started(
            house, "marketing", "standing.schedule", report="gone soon", every="day", at="09:00"
        )
        second = started(
            house, "service", "standing.schedule", report="gone soon", every="day", at="09:00"
        )
        done(house, "manager", "saved.share", report="gone soon", roles=["service"])
        with unit_of_work(house) as session:
            identity.deactivate_person(session, "service")

    with clock.frozen_at(MONDAY + timedelta(hours=3)):
        carry_out_due(house, TOOLBOX)

    with reading(house) as session:
        wanted = select(StandingOrder.number, StandingOrder.paused_because)
        found = dict(iter(session.execute(wanted.where(StandingOrder.number.in_([first, second])))))
    assert "no saved report" in (found[first] or "")
    assert "deactivated" in (found[second] or "")
    with unit_of_work(house) as session:
        identity.activate_person(session, "service")


def test_an_alert_speaks_when_a_threshold_is_passed_and_not_again_and_again(
    house: Engine,
) -> None:
    set_stock(house, 12)
    with clock.frozen_at(MONDAY):
        number = started(house, "warehouse", "standing.alert", query=STOCK, op="lt", threshold="10")
        assert carry_out_due(house, TOOLBOX) == 0

    set_stock(house, 8)
    with clock.frozen_at(MONDAY + timedelta(seconds=30)):
        # Looked at not more often than once a minute, however much is written.
        assert carry_out_due(house, TOOLBOX) == 0
    with clock.frozen_at(MONDAY + timedelta(seconds=61)):
        assert [carry_out_due(house, TOOLBOX) for _ in range(2)] == [1, 0]
    for count, minutes in ((7, 5), (20, 10), (5, 15)):
        set_stock(house, count)
        with clock.frozen_at(MONDAY + timedelta(minutes=minutes)):
            assert carry_out_due(house, TOOLBOX) == 0
    with clock.frozen_at(MONDAY + timedelta(days=1)):
        # It was passed again yesterday, and still is: that is told once on the next day.
        assert [carry_out_due(house, TOOLBOX) for _ in range(2)] == [1, 0]

    second, first = told(house, "warehouse", number)
    assert first.title.en == "8 · Stock on hand, item = LAMP-01: < 10"
    assert "what should we order?" in first.body.en
    assert "应该订购什么？" in first.body.zh
    assert "The last time (2026-06-15) it was 8." in second.body.en
    assert first.content["figures"][0]["value"] == "8"
    set_stock(house, 12)


def test_an_alert_at_a_time_is_looked_at_then_only(house: Engine) -> None:
    set_stock(house, 3)
    with clock.frozen_at(MONDAY):
        number = started(
            house, "warehouse", "standing.alert", query=STOCK, op="le", threshold="3",
            every="day", at="09:30",
        )  # fmt: skip
        assert carry_out_due(house, TOOLBOX) == 0
    with clock.frozen_at(MONDAY + timedelta(hours=2, minutes=31)):
        assert carry_out_due(house, TOOLBOX) == 1
    assert len(told(house, "warehouse", number)) == 1
    set_stock(house, 12)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"query": {"metrics": ["revenue"], "dimensions": ["customer"]}}, OneFigureNeeded),
        ({"query": {"metrics": ["revenue", "orders"]}}, OneFigureNeeded),
        ({"query": {"metrics": ["flimflam"]}}, CannotAnswer),
        ({"query": {"metrics": ["revenue"]}, "unit": "USD"}, ThresholdInAnotherUnit),
        ({"query": {"metrics": ["gross_margin_pct"]}, "unit": "EUR"}, ThresholdInAnotherUnit),
        ({"query": {"metrics": ["orders"]}, "unit": "EUR"}, ThresholdInAnotherUnit),
        ({"query": {"metrics": ["revenue"]}, "on": "growth"}, NoComparison),
        ({"query": {"metrics": ["revenue"]}, "threshold": "NaN"}, BadArguments),
        ({"query": {"metrics": ["revenue"]}, "threshold": "many"}, BadArguments),
        ({"query": {"metrics": ["revenue"]}, "channels": ["mail"]}, ChannelNotOpen),
        ({"query": {"metrics": ["revenue"]}, "every": "week", "at": "8 o'clock"}, BadArguments),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_way_out(
    house: Engine, arguments: dict[str, Any], refusal: type[DomainError]
) -> None:
    found = refused(house, "manager", "standing.alert", **{"threshold": "5", **arguments})

    assert isinstance(found, refusal)
    assert found.message("zh") != found.message("en")
    assert "?" not in found.message("en").replace("flimflam", "")[:60]


def test_an_alert_on_a_figure_that_one_may_not_see_is_refused(house: Engine) -> None:
    query = {"metrics": ["gross_profit"]}

    found = refused(house, "warehouse", "standing.alert", query=query, threshold="5")

    assert isinstance(found, NotYoursToSee)


def test_orders_are_their_owners_alone_and_are_paused_resumed_and_ended(house: Engine) -> None:
    number = started(house, "manager", "standing.schedule", query=REVENUE, every="first_workday")
    for tool in ("pause", "resume", "end"):
        found = refused(house, "admin", f"standing.{tool}", order=number)
        assert isinstance(found, UnknownStandingOrder)

    assert "paused" in done(house, "manager", "standing.pause", order=number)
    again = refused(house, "manager", "standing.pause", order=number)
    resumed = propose(house, "manager", "standing.resume", order=number)
    approve(house, resumed, "manager")
    approve(house, TOOLBOX.undo(house, as_person(house, "manager"), resumed.id), "manager")

    assert isinstance(again, StaysAsItIs)
    assert "ended" in done(house, "manager", "standing.end", order=number)
    assert number not in ask(house, "manager", "standing.list").sentence()


def test_the_one_who_asked_owns_what_somebody_else_approved(house: Engine) -> None:
    proposal = propose(house, "sales", "standing.schedule", query=REVENUE)

    number = approve(house, proposal, "manager").partition(":")[0]

    with reading(house) as session:
        owner = identity.find_person(session, "sales")
        assert saved.find_order(session, owner, number).owner_id == owner.id


def test_another_clock_moves_what_is_due(house: Engine) -> None:
    with clock.frozen_at(MONDAY):
        number = started(house, "manager", "standing.schedule", query=REVENUE, every="day")

        said = done(house, "manager", "standing.set_time_zone", time_zone="asia/shanghai")

        with reading(house) as session:
            owner = identity.find_person(session, "manager")
            order = saved.find_order(session, owner, number)
            assert order.next_at == datetime(2026, 6, 16, 0, tzinfo=UTC)
        assert "Asia/Shanghai" in said
        done(house, "manager", "standing.set_time_zone", time_zone="UTC")
    for name in ("Mars/Olympus", "../../etc/passwd", "Europe"):
        found = refused(house, "manager", "standing.set_time_zone", time_zone=name)
        assert isinstance(found, UnknownTimeZone)


def test_a_notification_is_its_persons_and_is_read_once(house: Engine) -> None:
    with clock.frozen_at(MONDAY):
        started(house, "auditor", "standing.schedule", query=REVENUE, every="day", at="07:30")
    with clock.frozen_at(MONDAY + timedelta(hours=1)):
        carry_out_due(house, TOOLBOX)
    (one,) = told(house, "auditor")

    with unit_of_work(house) as session:
        auditor = identity.find_person(session, "auditor").id
        sales = identity.find_person(session, "sales").id
        assert notifications.mark_read(session, sales, [one.id]) == 0
        with pytest.raises(UnknownNotification):
            notifications.find_notification(session, sales, one.id)
        assert notifications.count_unread(session, auditor) == 1
        assert [notifications.mark_read(session, auditor) for _ in range(2)] == [1, 0]
    shown = ask(house, "auditor", "notifications.list", "zh", unread_only=True)
    assert shown.sentence("zh") == "没有通知。"
    assert ListNotifications().limit == 20


def test_the_database_refuses_a_second_run_of_a_day_and_a_change_of_one(house: Engine) -> None:
    with reading(house) as session:
        run = session.scalars(select(StandingRun).limit(1)).one()
    with pytest.raises(IntegrityError), unit_of_work(house) as session:
        session.add(
            StandingRun(
                order_id=run.order_id,
                due_on=run.due_on,
                outcome=run.outcome,
                notification_id=run.notification_id,
            )
        )
    with pytest.raises(IntegrityError), unit_of_work(house) as session:
        session.execute(text("UPDATE standing_run SET missed = 7"))
    with pytest.raises(IntegrityError), unit_of_work(house) as session:
        session.execute(text("UPDATE standing_order SET state = 'active', next_at = NULL"))


def test_what_is_kept_and_told_is_in_order(house: Engine) -> None:
    with reading(house) as session:
        assert verify(session) == []
