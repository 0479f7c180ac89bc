"""Banking: what the bank says of our accounts, and how that and the books come to agree.

A line of the bank is a fact and stays; how it is matched is a record of its own that can be
undone. No line is matched by more than it is, and no entry twice. What is proposed is proposed
for reasons that can be read, and what fits more than one way is asked about.
"""

from core.invoicing.banking.importing import (
    Imported,
    find_statement,
    import_statement,
    void_statement,
)
from core.invoicing.banking.matching import (
    book_by_rule,
    book_line,
    carry_out,
    link_line,
    return_line,
    settle_line,
    transfer_line,
    undo_match,
)
from core.invoicing.banking.proposing import propose
from core.invoicing.banking.queries import (
    LineView,
    StatementView,
    booked_account_of,
    find_line,
    list_lines,
    list_statements,
    matched_lines,
    matches_of,
    statement_view,
)
from core.invoicing.banking.reconciling import Explanation, Reconciliation, reconcile
from core.invoicing.banking.rules import (
    Booked,
    Certainty,
    Document,
    For,
    Gap,
    Line,
    OwnAccount,
    Part,
    Proposal,
    Rule,
    World,
)
from core.invoicing.banking.standing import (
    RuleView,
    add_rule,
    find_rule,
    list_rules,
    remove_rule,
)
from core.invoicing.banking.tables import (
    BankLine,
    BankMatch,
    BankRule,
    BankStatement,
    MatchKind,
    StatementFormat,
    Way,
)
from core.invoicing.banking.world import propose_matches

__all__ = [
    "BankLine",
    "BankMatch",
    "BankRule",
    "BankStatement",
    "Booked",
    "Certainty",
    "Document",
    "Explanation",
    "For",
    "Gap",
    "Imported",
    "Line",
    "LineView",
    "MatchKind",
    "OwnAccount",
    "Part",
    "Proposal",
    "Reconciliation",
    "Rule",
    "RuleView",
    "StatementFormat",
    "StatementView",
    "Way",
    "World",
    "add_rule",
    "book_by_rule",
    "book_line",
    "booked_account_of",
    "carry_out",
    "find_line",
    "find_rule",
    "find_statement",
    "import_statement",
    "link_line",
    "list_lines",
    "list_rules",
    "list_statements",
    "matched_lines",
    "matches_of",
    "propose",
    "propose_matches",
    "reconcile",
    "remove_rule",
    "return_line",
    "settle_line",
    "statement_view",
    "transfer_line",
    "undo_match",
    "void_statement",
]
