"""Tools of prices: rules of lists and customers, and promotions."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from core import catalog, parties
from core.catalog import pricing
from core.catalog.pricing import (
    Audience,
    Offer,
    PriceRule,
    PromotionKind,
    PromotionView,
    RuleKind,
    RuleView,
    Target,
)
from core.catalog.pricing.errors import SayWhoseRule
from core.kernel.company import company
from core.kernel.errors import Both, Language
from core.kernel.money import plain
from core.kernel.words import word
from tools.base import (
    Answer,
    Arguments,
    Call,
    Column,
    Count,
    CustomerRef,
    Day,
    Grid,
    ItemRef,
    Text,
    Tool,
    Undoing,
)
from tools.errors import SayHowMuch, SayWhatItGives
from tools.trade import READERS, SELLERS, CategoryRef, PriceListRef, PromotionRef

SET, WITHDRAW, END = "pricing.set_rule", "pricing.withdraw_rule", "pricing.end_promotion"
START_ANEW = ("start another promotion instead", "请改为开始新的促销")

# Those that say a figure; the others say a percentage.
_PLAIN_KINDS = {RuleKind.FIXED, RuleKind.FACTOR}

Value = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 13, decimal_places=6)]


class SetPriceRule(Arguments):
    """Price an item, a category or everything on a list, or for one customer, by a rule."""

    percent: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=6)] | None = Field(
        default=None, description="Percent off, on top of the cost, or of margin; by the kind."
    )
    value: Value | None = Field(default=None, description="The fixed price, or the factor.")
    kind: RuleKind = Field(
        default=RuleKind.DISCOUNT,
        description="Of the list price: discount, factor. Of the cost: cost_plus, margin.",
    )
    item: ItemRef | None = Field(default=None, description="Leave empty for a category or all.")
    category: CategoryRef | None = None
    price_list: PriceListRef | None = Field(default=None, description="Or say a customer.")
    customer: CustomerRef | None = None
    minimum_quantity: Count = Decimal(1)
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")
    valid_until: Day | None = Field(default=None, description="The last day; leave empty for none.")
    priority: int = Field(default=0, ge=-100, le=100, description="The lower one is asked first.")


class RuleBefore(Answer):
    """What a rule said before it was replaced or withdrawn."""

    kind: RuleKind
    value: Decimal
    priority: int
    valid_from: date
    valid_until: date | None


class RuleSaid(Answer):
    """A rule that holds, or does not any more."""

    whose: str
    target: str
    said: str
    minimum_quantity: Decimal
    withdrawn: bool = False
    before: list[RuleBefore] = Field(default_factory=list)

    def sentence(self, language: Language = "en") -> str:
        """Say whose, of what, and how."""
        least = plain(self.minimum_quantity)
        if language == "zh":
            what = self.target or "全部物料"
            state = "已撤销" if self.withdrawn else "生效"
            return f"{self.whose}：{what}（满 {least}）{self.said} {state}。"
        what, state = self.target or "everything", "no longer holds" if self.withdrawn else "holds"
        return f"{self.whose}: {what} from {least}, {self.said} {state}."


def pin_rule(session: Session, arguments: Any) -> Any:  # noqa: ANN401
    """Write list, customer, item and category as we call them, and the day."""
    said: dict[str, Any] = {}
    if arguments.item is not None:
        said["item"] = catalog.find_item(session, arguments.item).sku
    if arguments.category is not None:
        said["category"] = catalog.find_category(session, arguments.category).code
    if arguments.price_list is not None:
        said["price_list"] = catalog.find_price_list(session, arguments.price_list).code
    if arguments.customer is not None:
        said["customer"] = parties.find_customer(session, arguments.customer).party.number
    if isinstance(arguments, SetPriceRule):
        said["valid_from"] = arguments.valid_from or company(session).today
    return arguments.model_copy(update=said)


def set_price_rule(session: Session, arguments: SetPriceRule) -> RuleSaid:
    """Set it."""
    value = arguments.value if arguments.kind in _PLAIN_KINDS else arguments.percent
    if value is None:
        fixed = Both("a value", "一个数值")
        needed = fixed if arguments.kind in _PLAIN_KINDS else Both("a percentage", "百分比")
        raise SayHowMuch(kind=arguments.kind, what=needed)
    whose, target = _whose(session, arguments), _target(session, arguments)
    replaced = pricing.standing_rules(
        session,
        whose=whose,
        target=target,
        minimum_quantity=arguments.minimum_quantity,
        priority=arguments.priority,
        valid_from=arguments.valid_from or company(session).today,
    )
    before = [_as_it_was(rule) for rule in replaced]
    pricing.set_price_rule(
        session,
        whose=whose,
        kind=arguments.kind,
        value=value,
        target=target,
        minimum_quantity=arguments.minimum_quantity,
        priority=arguments.priority,
        valid_from=arguments.valid_from,
        valid_until=arguments.valid_until,
    )
    return RuleSaid(
        whose=whose.called,
        target=target.called,
        said=f"{arguments.kind} {plain(value)}",
        minimum_quantity=arguments.minimum_quantity,
        before=before,
    )


def undo_set_rule(_session: Session, arguments: SetPriceRule, answer: dict[str, Any]) -> Undoing:
    """Set the rule that it replaced, or withdraw it where it replaced none."""
    if answer["before"]:
        return _set_again(arguments, answer)
    call = WithdrawRule(
        item=arguments.item,
        category=arguments.category,
        price_list=arguments.price_list,
        customer=arguments.customer,
        minimum_quantity=arguments.minimum_quantity,
        priority=arguments.priority,
        valid_from=arguments.valid_from,
    )
    return Undoing((Call(WITHDRAW, call),))


class WithdrawRule(Arguments):
    """Let a price rule of a list or of a customer hold no longer."""

    item: ItemRef | None = None
    category: CategoryRef | None = None
    price_list: PriceListRef | None = None
    customer: CustomerRef | None = None
    minimum_quantity: Count = Decimal(1)
    priority: int | None = Field(default=None, ge=-100, le=100, description="Empty: of any.")
    valid_from: Day | None = Field(default=None, description="Only the one of this day.")


def withdraw_rule(session: Session, arguments: WithdrawRule) -> RuleSaid:
    """Withdraw it."""
    whose, target = _whose(session, arguments), _target(session, arguments)
    gone = pricing.withdraw_price_rule(
        session,
        whose=whose,
        target=target,
        minimum_quantity=arguments.minimum_quantity,
        priority=arguments.priority,
        valid_from=arguments.valid_from,
    )
    return RuleSaid(
        whose=whose.called,
        target=target.called,
        said=", ".join(f"{rule.kind} {plain(rule.value)}" for rule in gone),
        minimum_quantity=arguments.minimum_quantity,
        withdrawn=True,
        before=[_as_it_was(rule) for rule in gone],
    )


def undo_withdraw(_session: Session, arguments: WithdrawRule, answer: dict[str, Any]) -> Undoing:
    """Set every rule again that was withdrawn."""
    return _set_again(arguments, answer)


def _as_it_was(rule: PriceRule) -> RuleBefore:
    return RuleBefore(
        kind=rule.kind,
        value=rule.value,
        priority=rule.priority,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
    )


def _set_again(arguments: SetPriceRule | WithdrawRule, answer: dict[str, Any]) -> Undoing:
    """Set the rules that an answer remembers, each from its own day."""
    calls = []
    for said in answer["before"]:
        before = RuleBefore.model_validate(said)
        plain_kind = before.kind in _PLAIN_KINDS
        again = SetPriceRule(
            item=arguments.item,
            category=arguments.category,
            price_list=arguments.price_list,
            customer=arguments.customer,
            minimum_quantity=arguments.minimum_quantity,
            kind=before.kind,
            value=before.value if plain_kind else None,
            percent=None if plain_kind else before.value,
            priority=before.priority,
            valid_from=before.valid_from,
            valid_until=before.valid_until,
        )
        calls.append(Call(SET, again))
    return Undoing(tuple(calls))


class ListRules(Arguments):
    """List the price rules of a list or of a customer, or all."""

    price_list: PriceListRef | None = None
    customer: CustomerRef | None = None
    limit: int = Field(default=100, ge=1, le=500)


class RulesListed(Answer):
    """Price rules."""

    rules: list[RuleView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.rules)
        if language == "zh":
            return f"共 {count} 条价格规则。"
        return f"{count} price {'rule' if count == 1 else 'rules'}."

    def grid(self) -> Grid:
        """Return one row for every rule."""
        columns = (
            Column("list", "价目表"),
            Column("of", "对象"),
            Column("from quantity", "起始数量", "quantity"),
            Column("rule", "规则"),
            Column("value", "数值", "number"),
            Column("since", "生效日", "date"),
            Column("until", "截止日", "date"),
        )
        rows = tuple(
            (
                *(rule.whose, rule.target or "*", rule.minimum_quantity, word(rule.kind)),
                *(rule.value, rule.valid_from, rule.valid_until),
            )
            for rule in self.rules
        )
        return Grid(columns, rows)


def list_rules(session: Session, arguments: ListRules) -> RulesListed:
    """Read them."""
    whose = arguments.price_list and catalog.find_price_list(session, arguments.price_list)
    customer = arguments.customer and parties.find_customer(session, arguments.customer)
    found = pricing.list_price_rules(
        session,
        price_list_id=whose.id if whose else None,
        customer_id=customer.party_id if customer else None,
        limit=arguments.limit,
    )
    return RulesListed(rules=found)


class StartPromotion(Arguments):
    """Take a percentage or an amount off, or give goods along ("buy 10 get 1"), for some time."""

    code: Annotated[Text, Field(max_length=20, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = Field(
        description="Short code people say, such as SPRING."
    )
    name: Text | None = None
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=4)] | None = Field(
        default=None, description="Percent off."
    )
    amount_off: Value | None = Field(default=None, description="Amount off each unit.")
    buy: Count | None = Field(default=None, description="For every so many ...")
    free: Count | None = Field(default=None, description="... so many go along for nothing.")
    item: ItemRef | None = Field(default=None, description="Leave empty for a category or all.")
    category: CategoryRef | None = None
    customer: CustomerRef | None = Field(default=None, description="Leave empty for everybody.")
    minimum_quantity: Count = Decimal(1)
    valid_from: Day | None = Field(default=None, description="Leave empty for today.")
    valid_until: Day | None = Field(default=None, description="The last day; leave empty for none.")
    stackable: bool = Field(default=False, description="May be given beside others.")
    below_cost: bool = Field(default=False, description="May go below what the item costs us.")


class PromotionSaid(Answer):
    """A promotion that runs, or has ended."""

    code: str
    gives: tuple[str, str]
    ended: bool = False

    def sentence(self, language: Language = "en") -> str:
        """Say what it gives."""
        if language == "zh":
            return f"促销 {self.code} 已{'结束' if self.ended else '开始'}（{self.gives[1]}）。"
        did = "has ended" if self.ended else "is on"
        return f"The promotion {self.code} {did} ({self.gives[0]})."


def pin_promotion(session: Session, arguments: StartPromotion) -> StartPromotion:
    """Write customer, item and category as we call them, and the day."""
    said: dict[str, Any] = {"valid_from": arguments.valid_from or company(session).today}
    if arguments.item is not None:
        said["item"] = catalog.find_item(session, arguments.item).sku
    if arguments.category is not None:
        said["category"] = catalog.find_category(session, arguments.category).code
    if arguments.customer is not None:
        said["customer"] = parties.find_customer(session, arguments.customer).party.number
    return arguments.model_copy(update=said)


def start_promotion(session: Session, arguments: StartPromotion) -> PromotionSaid:
    """Start it."""
    gives = _offer(arguments)
    for_whom = pricing.EVERYBODY
    if arguments.customer is not None:
        customer = parties.find_customer(session, arguments.customer)
        for_whom = Audience(customer_id=customer.party_id, customer=customer.party.name)
    pricing.start_promotion(
        session,
        code=arguments.code,
        name=arguments.name or arguments.code,
        gives=gives,
        target=_target(session, arguments),
        for_whom=for_whom,
        minimum_quantity=arguments.minimum_quantity,
        valid_from=arguments.valid_from,
        valid_until=arguments.valid_until,
    )
    return PromotionSaid(code=arguments.code, gives=gives.said)


def undo_start(_session: Session, _arguments: StartPromotion, answer: dict[str, Any]) -> Undoing:
    """End it."""
    return Undoing((Call(END, EndPromotion(promotion=answer["code"])),))


class EndPromotion(Arguments):
    """End a promotion before its time; what was ordered under it stays as it is."""

    promotion: PromotionRef


def pin_end(session: Session, arguments: EndPromotion) -> EndPromotion:
    """Write it by its code."""
    code = pricing.find_promotion(session, arguments.promotion).code
    return arguments.model_copy(update={"promotion": code})


def end_promotion(session: Session, arguments: EndPromotion) -> PromotionSaid:
    """End it."""
    ended = pricing.end_promotion(session, arguments.promotion)
    return PromotionSaid(
        code=ended.code, gives=(ended.name, ended.name_zh or ended.name), ended=True
    )


def undo_end(_session: Session, _arguments: EndPromotion, _answer: object) -> Undoing:
    """Say what to do instead."""
    return Undoing(impossible=START_ANEW)


class ListPromotions(Arguments):
    """List the promotions that run today, or all there ever were."""

    all_states: bool = Field(default=False, description="Also those that are over or to come.")
    limit: int = Field(default=50, ge=1, le=500)


class PromotionsListed(Answer):
    """Promotions."""

    promotions: list[PromotionView]

    def sentence(self, language: Language = "en") -> str:
        """Say how many there are."""
        count = len(self.promotions)
        if language == "zh":
            return f"共 {count} 个促销。"
        return f"{count} {'promotion' if count == 1 else 'promotions'}."

    def grid(self) -> Grid:
        """Return one row for every promotion."""
        columns = (
            Column("promotion", "促销"),
            Column("name", "名称"),
            Column("gives", "优惠"),
            Column("of", "对象"),
            Column("from quantity", "起始数量", "quantity"),
            Column("since", "生效日", "date"),
            Column("until", "截止日", "date"),
        )
        rows = tuple(
            (
                *(each.code, each.name, each.gives.en.split(": ", 1)[1], each.target or "*"),
                *(each.minimum_quantity, each.valid_from, each.valid_until),
            )
            for each in self.promotions
        )
        return Grid(columns, rows)


def list_promotions(session: Session, arguments: ListPromotions) -> PromotionsListed:
    """Read them."""
    running_on = None if arguments.all_states else company(session).today
    found = pricing.list_promotions(session, running_on=running_on, limit=arguments.limit)
    return PromotionsListed(promotions=found)


def _offer(arguments: StartPromotion) -> Offer:
    given = (arguments.percent, arguments.amount_off, arguments.free)
    if sum(each is not None for each in given) != 1 or (
        (arguments.buy is None) != (arguments.free is None)
    ):
        raise SayWhatItGives
    kind = PromotionKind.FREE_GOODS
    if arguments.free is None:
        kind = PromotionKind.AMOUNT if arguments.percent is None else PromotionKind.PERCENT
    return Offer(
        arguments.code,
        kind,
        value=arguments.percent or arguments.amount_off or Decimal(0),
        buy_quantity=arguments.buy or Decimal(0),
        free_quantity=arguments.free or Decimal(0),
        stackable=arguments.stackable,
        below_cost=arguments.below_cost,
    )


def _target(session: Session, arguments: Any) -> Target:  # noqa: ANN401
    item = catalog.find_item(session, arguments.item) if arguments.item else None
    named = catalog.find_category(session, arguments.category) if arguments.category else None
    return Target(item=item, category=named)


def _whose(session: Session, arguments: Any) -> Audience:  # noqa: ANN401
    customer = arguments.customer and parties.find_customer(session, arguments.customer)
    named = arguments.price_list and catalog.find_price_list(session, arguments.price_list)
    if customer and named:
        # Which of the two is meant decides who pays the price: it is asked, not guessed.
        raise SayWhoseRule
    if customer:
        return Audience(customer_id=customer.party_id, customer=customer.party.name)
    return Audience(price_list=named or catalog.find_price_list(session, catalog.STANDARD))


TOOLS = [
    Tool(
        SET,
        SetPriceRule,
        set_price_rule,
        writes=True,
        title="Set price rule",
        title_zh="设置价格规则",
        roles=SELLERS,
        pin=pin_rule,
        undo=undo_set_rule,
    ),
    Tool(
        WITHDRAW,
        WithdrawRule,
        withdraw_rule,
        writes=True,
        title="Withdraw price rule",
        title_zh="撤销价格规则",
        roles=SELLERS,
        pin=pin_rule,
        undo=undo_withdraw,
    ),
    Tool(
        "pricing.list_rules",
        ListRules,
        list_rules,
        writes=False,
        title="List price rules",
        title_zh="价格规则列表",
        roles=READERS,
    ),
    Tool(
        "pricing.start_promotion",
        StartPromotion,
        start_promotion,
        writes=True,
        title="Start promotion",
        title_zh="开始促销",
        roles=SELLERS,
        pin=pin_promotion,
        undo=undo_start,
    ),
    Tool(
        END,
        EndPromotion,
        end_promotion,
        writes=True,
        title="End promotion",
        title_zh="结束促销",
        roles=SELLERS,
        pin=pin_end,
        undo=undo_end,
    ),
    Tool(
        "pricing.list_promotions",
        ListPromotions,
        list_promotions,
        writes=False,
        title="List promotions",
        title_zh="促销列表",
        roles=READERS,
    ),
]
