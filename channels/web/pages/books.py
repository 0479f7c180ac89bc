"""The trial balance."""

from fastapi import Request

from channels.web.downloads import offer_files
from channels.web.elements import box, figure, say, table
from channels.web.layout import Visit
from core import ledger
from core.kernel.company import company
from core.kernel.database import reading
from core.kernel.money import Money


async def build(visit: Visit, _request: Request) -> None:
    """Show every account with its balance, and that both sides are equal."""

    def read() -> tuple[str, str, list[ledger.TrialBalanceRow]]:
        with reading(visit.house.engine, visit.visitor.acting) as session:
            us = company(session)
            return us.today.isoformat(), us.currency, ledger.trial_balance(session)

    today, currency, rows = await visit.house.run(read)
    debit, credit = Money(0, currency), Money(0, currency)
    for row in rows:
        debit, credit = debit + row.debit, credit + row.credit
    columns = [
        (visit.t("account"), ""),
        (f"{visit.t('debit')} ({currency})", "number"),
        (f"{visit.t('credit')} ({currency})", "number"),
    ]
    shown = [
        (
            f"{row.code} {row.name_zh if visit.language == 'zh' else row.name}",
            figure(row.debit.amount, currency) if row.debit.minor else "",
            figure(row.credit.amount, currency) if row.credit.minor else "",
        )
        for row in rows
    ]
    total = [visit.t("total"), figure(debit.amount, currency), figure(credit.amount, currency)]
    is_balanced = debit == credit
    with box("panel"):
        with box("panel-title"):
            say(visit.t("trial_balance"), tag="span")
            say(visit.t("as_of", day=today), "hint", tag="span")
            say(
                visit.t("balanced" if is_balanced else "not_balanced"),
                "balanced" if is_balanced else "unbalanced",
                tag="span",
            )
            offer_files(visit, "ledger.show_trial_balance", {})
        with box("panel-body"):
            table(columns, shown, total=total, label=visit.t("trial_balance"))
