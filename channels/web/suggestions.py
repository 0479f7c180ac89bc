"""What somebody might say to the assistant: examples that fit their role."""

from core.kernel.identity.acting import Actor
from core.kernel.identity.roles import Role

SHOWN_MAX = 5

# The words, in both languages, and whose work they are; the first that fit are shown.
EXAMPLES: tuple[tuple[frozenset[Role], str, str], ...] = (
    (
        frozenset({Role.ADMIN, Role.MANAGER, Role.ACCOUNTANT, Role.AUDITOR, Role.SALES}),
        "What was our revenue this month?",
        "本月收入是多少？",
    ),
    (
        frozenset({Role.BUYER, Role.WAREHOUSE, Role.MANAGER, Role.ADMIN, Role.PRODUCTION}),
        "Which items are below their reorder point?",
        "哪些物料低于再订货点？",
    ),
    (
        frozenset({Role.BUYER, Role.WAREHOUSE, Role.SALES, Role.PRODUCTION}),
        "How many {sku} do we have in stock?",
        "{sku} 还有多少库存？",
    ),
    (
        frozenset({Role.BUYER, Role.MANAGER, Role.ADMIN}),
        "Order 40 {sku}",
        "订购 40 个 {sku}",
    ),
    (
        frozenset({Role.SALES, Role.MANAGER, Role.ADMIN}),
        "Who are our top 5 customers by revenue this year?",
        "今年收入前 5 名的客户是谁？",
    ),
    (
        frozenset({Role.ACCOUNTANT, Role.MANAGER, Role.ADMIN, Role.AUDITOR}),
        "Show the trial balance",
        "显示试算平衡表",
    ),
    (
        frozenset({Role.ACCOUNTANT, Role.SALES}),
        "Which invoices are overdue?",
        "哪些发票已逾期？",
    ),
    (
        frozenset({Role.WAREHOUSE, Role.BUYER}),
        "Which purchase orders are open?",
        "哪些采购订单未完成？",
    ),
    (
        frozenset({Role.SALES, Role.WAREHOUSE, Role.CUSTOMER}),
        "Which sales orders are open?",
        "哪些销售订单未完成？",
    ),
)


def suggestions_for(actor: Actor, *, sku: str = "") -> list[str]:
    """Return examples for somebody's roles; those that name an item need one to name."""
    fitting = [
        (zh if actor.language == "zh" else en).format(sku=sku)
        for roles, en, zh in EXAMPLES
        if actor.roles & roles and (sku or "{sku}" not in en)
    ]
    return fitting[:SHOWN_MAX]
