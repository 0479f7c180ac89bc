"""The tools of recruiting and reviews, on the one road: asked for, decided by others, private."""

from functools import partial
from typing import Any

from sqlalchemy import text

from core.kernel.database import reading
from core.kernel.identity.acting import Acting, Actor
from core.kernel.privacy import as_the_house
from tests.tools.test_people_tools import House, house, refused
from tools import TOOLBOX

__all__ = ["house"]


def seen(house: House, proposal: Any, *who: str) -> list[str]:
    return [
        each
        for each in who
        if proposal.id in {one.id for one in TOOLBOX.inbox(house.engine, house.acting(each))}
    ]


def test_from_an_opening_to_a_new_colleague_in_plain_calls(house: House) -> None:
    asked = house.ask("lena", "recruiting.ask_opening", title="Buyer")
    assert asked.effect.lines("en") == [
        "job opening: asked for · Buyer · Office · ↑ Lena Vogt · × 1"
    ]
    assert house.agree("lena", asked) == "JO-00001: Buyer in Office, asked for."
    refused(lambda: house.ask("sal", "recruiting.approve_opening", opening="JO-00001"),
            "not_permitted")  # fmt: skip
    assert house.do("hanna", "recruiting.approve_opening", opening="jo 1").endswith("open.")
    # Lena works on her opening, Max does not; and what is asked about it is not everybody's.
    applied = house.ask(
        "lena", "recruiting.add_application", name="Zoe Hart", opening="JO-00001",
        email="zoe@example.org", origin="referral",
    )  # fmt: skip
    assert seen(house, applied, "lena", "hanna", "boss", "max", "sal", "books") == [
        "lena", "hanna", "boss",
    ]  # fmt: skip
    # Whoever examines the books reads no applicants, so not their names in the request either.
    auditor = Acting(Actor("audit", frozenset({"auditor"})), door="test")
    assert applied.id not in {each.id for each in TOOLBOX.inbox(house.engine, auditor)}
    assert house.agree("lena", applied) == "JA-00001: AC-00001 · Buyer, applied."
    refused(
        lambda: house.ask("max", "recruiting.move_application", application="JA-00001",
                          stage="screening"),
        "not_their_opening",
    )  # fmt: skip
    refused(lambda: house.look("max", "recruiting.show_application", application="JA-00001"),
            "unknown_application")  # fmt: skip
    house.do("lena", "recruiting.move_application", application="JA-00001", stage="screening")
    said = house.do(
        "lena", "recruiting.set_interview", application="JA-00001", interviewer="Max Kern"
    )
    assert said == "IV-00001: interview of JA-00001 on 2026-06-15."
    written = house.ask(
        "max", "recruiting.write_scorecard", interview="IV-00001", score=4, advice="advise_yes",
        notes="knows the trade",
    )  # fmt: skip
    assert seen(house, written, "max", "lena", "hanna", "boss", "second") == ["max"]
    house.agree("max", written)
    shown = house.look("lena", "recruiting.show_application", application="JA-00001")
    assert shown.sentence() == ("JA-00001: Zoe Hart for Buyer, interview; mean of 1 scorecard: 4.")
    assert shown.sentence("zh") == "JA-00001：Zoe Hart 应聘 Buyer，面试；1 份评分，平均 4。"
    house.do(
        "hanna", "recruiting.propose_offer", application="JA-00001", pay="4200",
        starts_on="2026-07-01",
    )  # fmt: skip
    refused(lambda: house.ask("hanna", "recruiting.approve_offer", offer="OF-00001"),
            "not_theirs_to_decide")  # fmt: skip
    approving = house.ask("second", "recruiting.approve_offer", offer="OF-00001")
    # Nobody agrees to pay on their own, and who proposed it does not approve it.
    refused(lambda: house.agree("second", approving), "second_person_needed")
    refused(lambda: house.agree("hanna", approving), "duties_in_one_hand")
    assert house.agree("boss", approving).endswith("from 2026-07-01, approved.")
    said = house.do("hanna", "recruiting.accept_offer", by="boss", offer="OF-00001")
    assert said == "E-00003: hired as Buyer from 2026-07-01 on."
    tasks = house.look("hanna", "hr.list_tasks").sentence()
    assert "7" in tasks
    for broken, code, about in (
        ("reject_application", "application_ended", {"application": "JA-00001", "because": "x"}),
        ("withdraw_application", "application_ended", {"application": "JA-00001"}),
        ("refuse_offer", "offer_is", {"offer": "OF-00001"}),
        ("decline_offer", "offer_is", {"offer": "OF-00001"}),
        ("accept_offer", "offer_is", {"offer": "OF-00001"}),
    ):
        refused(partial(house.ask, "hanna", f"recruiting.{broken}", **about), code)
    refused(lambda: house.ask("lena", "recruiting.close_opening", opening="JO-00001"),
            "opening_not_open")  # fmt: skip
    refused(lambda: house.ask("hanna", "recruiting.refuse_opening", opening="JO-00001"),
            "opening_decided")  # fmt: skip
    refused(lambda: house.ask("hanna", "recruiting.erase_applicants"), "bad_input")
    house.do("hanna", "recruiting.erase_applicants", applicant="AC-00001")
    again = house.look("hanna", "recruiting.show_application", application="JA-00001")
    assert again.name == "AC-00001"
    figures = {
        metric: house.look("hanna", "reporting.answer", query={"metrics": [metric]}).figures()
        for metric in ("open_positions", "applications_received", "offer_acceptance")
    }
    assert {metric: [str(one["value"]) for one in found] for metric, found in figures.items()} == {
        "open_positions": ["0"], "applications_received": ["1"], "offer_acceptance": ["100"],
    }  # fmt: skip
    refused(
        partial(house.look, "sal", "reporting.answer", query={"metrics": ["open_positions"]}),
        "not_yours_to_see",
    )


def test_a_review_in_plain_calls_is_read_by_the_few(house: House) -> None:
    refused(
        lambda: house.ask("lena", "reviews.open_cycle", name="H1", starts_on="2026-01-01",
                          ends_on="2026-06-30"),
        "not_permitted",
    )  # fmt: skip
    house.do("hanna", "reviews.open_cycle", name="H1", starts_on="2026-01-01", ends_on="2026-06-30")
    goal = house.ask("max", "reviews.set_goal", title="sell lamps", weight=100)
    assert seen(house, goal, "max", "lena", "hanna", "boss", "sal") == ["max"]
    house.agree("max", goal)
    house.do("max", "reviews.score_goal", goal=1, score=5)
    house.do("max", "reviews.write_summary", text="I sold many")
    house.do("lena", "reviews.score_goal", employee="Max Kern", goal=1, score=4)
    refused(
        lambda: house.ask("lena", "reviews.give_feedback", employee="Max Kern", text="good"),
        "feedback_on_oneself",
    )
    refused(lambda: house.ask("max", "reviews.share_review", employee="Max Kern"),
            "not_the_reviewer")  # fmt: skip
    assert house.look("max", "reviews.show_review").sentence() == (
        "The review of Max Kern for H1: 1 goal, not shared yet."
    )
    house.do("lena", "reviews.share_review", employee="Max Kern")
    shown = house.look("max", "reviews.show_review")
    assert shown.sentence() == "The review of Max Kern for H1: 4.00, achieves the goals."
    assert shown.sentence("zh") == "Max Kern 的 H1 考核得分 4.00，达到目标。"
    assert shown.grid().rows == ((1, "sell lamps", 100, 5, 4),)
    assert shown.notes() == ["by oneself: I sold many"]
    for who in ("boss", "sal", "books"):
        refused(
            partial(house.look, who, "reviews.show_review", employee="Max Kern"), "not_your_review"
        )
    house.do("hanna", "reviews.close_cycle", cycle="RC-00001")
    refused(lambda: house.ask("max", "reviews.set_goal", title="x", weight=1), "cycle_closed")
    with reading(house.engine) as session, as_the_house(session):
        told = text("SELECT count(*) FROM audit_record WHERE body ~ 'I sold many'")
        assert session.scalar(told) == 0
