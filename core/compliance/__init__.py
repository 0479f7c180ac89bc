"""Compliance: proof that the books are right.

Every promise of the house (I1 to I10) is a check of its own, in set-based SQL over what is stored,
that says what breaks it. Nothing here trusts a service, and nothing changes anything.
"""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from core.compliance.assets import (
    asset_moves_are_in_the_books,
    assets_are_their_moves,
    plans_end_at_the_residual,
)
from core.compliance.banking import (
    lines_are_matched_once,
    statements_are_their_lines,
    undone_matches_left_nothing,
)
from core.compliance.books import (
    balances_are_their_lines,
    brought_entries_are_sealed,
    closed_periods_stay_closed,
    corrections_are_entries,
    entries_are_what_was_posted,
    entries_balance,
)
from core.compliance.catalog import (
    items_are_taxed_as_their_category,
    kits_are_sold_in_whole_units,
    policies_are_complete,
    promotions_give_what_their_lines_say,
    units_lead_to_the_one_of_their_item,
)
from core.compliance.closing import chart_is_a_tree, closed_years_are_carried_forward
from core.compliance.collections import (
    duties_lie_in_different_hands,
    letters_charge_what_they_say,
    orders_pay_what_was_approved,
)
from core.compliance.communications import (
    conversations_are_their_messages,
    mail_goes_out_as_it_was_approved,
)
from core.compliance.customers import (
    nothing_points_at_what_was_merged,
    opportunities_are_where_they_were_moved,
)
from core.compliance.findings import Finding
from core.compliance.manufacturing import (
    bills_are_trees,
    ended_orders_have_nothing_in_progress,
    orders_are_their_reports,
    progress_is_in_the_books,
    work_orders_are_promised_what_they_take,
)
from core.compliance.numbers import numbers_have_no_gaps
from core.compliance.owed import (
    advances_are_deducted_once,
    billed_lines_owe_nothing,
    credits_are_within_their_lines,
    documents_are_open_by_their_settlements,
    goods_received_are_owed_until_billed,
    instalments_are_their_documents,
    open_items_are_the_control_accounts,
    revaluations_are_put_back,
)
from core.compliance.payroll import (
    claims_are_their_bills,
    contributions_are_paid_as_owed,
    loans_are_their_parts,
    runs_are_in_the_books,
    runs_are_paid_at_net,
    runs_are_their_payslips,
)
from core.compliance.places import (
    counts_are_in_the_books,
    goods_held_are_their_holds,
    goods_under_way_are_their_transfers,
    places_are_what_they_say,
)
from core.compliance.projects import (
    billed_time_stands_on_an_invoice,
    tasks_are_billed_within_their_progress,
)
from core.compliance.promises import (
    lots_are_the_levels,
    lots_are_their_moves,
    promised_lots_are_their_rows,
    promises_are_still_wanted,
)
from core.compliance.purchasing import (
    held_bills_wait_for_a_second_person,
    order_lines_are_their_documents,
    returns_are_within_their_receipts,
)
from core.compliance.sales import (
    kept_orders_are_their_lines,
    orders_are_their_deliveries,
    returns_are_their_receipts,
    unearned_revenue_is_deferred,
)
from core.compliance.schedules import deferred_is_not_recognised_yet
from core.compliance.service import answers_are_counted, tickets_are_their_history
from core.compliance.standing import what_was_told_went_to_its_owner
from core.compliance.statements import kept_totals_are_their_lines
from core.compliance.stock import (
    promises_are_on_hand,
    promises_are_their_rows,
    stock_is_its_moves,
    stock_is_the_inventory_account,
    stock_is_worth_its_moves,
)
from core.compliance.taxes import (
    taxes_are_in_the_books,
    taxes_are_their_documents,
    taxes_wait_for_their_payment,
)
from core.compliance.trail import (
    documents_have_their_facts,
    effects_have_their_approval,
    executed_plans_are_the_approved_ones,
    facts_are_audited,
    trail_is_unbroken,
)
from core.compliance.valuation import (
    costs_are_their_replay,
    items_are_valued_as_they_say,
    layers_are_their_stock,
    moves_are_taken_back_once,
    stock_is_the_inventory_account_on_every_day,
)
from core.kernel.bulk import uncollected
from core.kernel.privacy import as_the_house

Check = Callable[[Session], Iterator[Finding]]

# What holds at any moment of a transaction, and what holds once its facts are written: at commit.
BOOKS: tuple[Check, ...] = (
    entries_balance,
    balances_are_their_lines,
    stock_is_its_moves,
    stock_is_worth_its_moves,
    stock_is_the_inventory_account,
    stock_is_the_inventory_account_on_every_day,
    layers_are_their_stock,
    items_are_valued_as_they_say,
    moves_are_taken_back_once,
    costs_are_their_replay,
    promises_are_on_hand,
    promises_are_their_rows,
    promises_are_still_wanted,
    lots_are_the_levels,
    lots_are_their_moves,
    promised_lots_are_their_rows,
    conversations_are_their_messages,
    mail_goes_out_as_it_was_approved,
    goods_under_way_are_their_transfers,
    goods_held_are_their_holds,
    places_are_what_they_say,
    counts_are_in_the_books,
    documents_are_open_by_their_settlements,
    open_items_are_the_control_accounts,
    instalments_are_their_documents,
    credits_are_within_their_lines,
    revaluations_are_put_back,
    advances_are_deducted_once,
    goods_received_are_owed_until_billed,
    billed_lines_owe_nothing,
    order_lines_are_their_documents,
    returns_are_within_their_receipts,
    held_bills_wait_for_a_second_person,
    corrections_are_entries,
    deferred_is_not_recognised_yet,
    chart_is_a_tree,
    closed_years_are_carried_forward,
    kept_totals_are_their_lines,
    assets_are_their_moves,
    asset_moves_are_in_the_books,
    plans_end_at_the_residual,
    taxes_are_their_documents,
    taxes_are_in_the_books,
    taxes_wait_for_their_payment,
    statements_are_their_lines,
    lines_are_matched_once,
    undone_matches_left_nothing,
    letters_charge_what_they_say,
    orders_pay_what_was_approved,
    duties_lie_in_different_hands,
    orders_are_their_deliveries,
    returns_are_their_receipts,
    kept_orders_are_their_lines,
    unearned_revenue_is_deferred,
    items_are_taxed_as_their_category,
    kits_are_sold_in_whole_units,
    units_lead_to_the_one_of_their_item,
    promotions_give_what_their_lines_say,
    policies_are_complete,
    nothing_points_at_what_was_merged,
    opportunities_are_where_they_were_moved,
    runs_are_their_payslips,
    runs_are_in_the_books,
    runs_are_paid_at_net,
    loans_are_their_parts,
    contributions_are_paid_as_owed,
    claims_are_their_bills,
    bills_are_trees,
    progress_is_in_the_books,
    ended_orders_have_nothing_in_progress,
    orders_are_their_reports,
    work_orders_are_promised_what_they_take,
    billed_time_stands_on_an_invoice,
    tasks_are_billed_within_their_progress,
)
TRAIL: tuple[Check, ...] = (
    numbers_have_no_gaps,
    entries_are_what_was_posted,
    brought_entries_are_sealed,
    closed_periods_stay_closed,
    facts_are_audited,
    what_was_told_went_to_its_owner,
    tickets_are_their_history,
    answers_are_counted,
    documents_have_their_facts,
    effects_have_their_approval,
    executed_plans_are_the_approved_ones,
    trail_is_unbroken,
)


def verify(session: Session) -> list[Finding]:
    """Check every promise on what is committed; nothing found means that all of them hold.

    Run it in a transaction that only reads: facts of this one are written when it commits.
    """
    with uncollected(), as_the_house(session):
        return [finding for check in (*BOOKS, *TRAIL) for finding in check(session)]


def verify_books(session: Session) -> list[Finding]:
    """Check the promises about the books alone, in the middle of a transaction as well."""
    session.flush()
    return [finding for check in BOOKS for finding in check(session)]


__all__ = [
    "BOOKS",
    "TRAIL",
    "Check",
    "Finding",
    "verify",
    "verify_books",
]
