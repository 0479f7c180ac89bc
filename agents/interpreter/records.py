"""Which records an argument may name: documents by their numbers, everything else by its names."""

from agents.interpreter.slots import Slot

# Which document a slot of each kind takes, by the letters its number begins with.
DOCUMENTS = {
    "purchase_order": ("po",), "sales_order": ("so",), "delivery": ("dn",),
    "quotation": ("qu",), "sales_return": ("rt",),
    "paper": ("qu", "so", "dn", "inv", "cn"),
    "goods_receipt": ("gr",), "customer_invoice": ("inv", "bill", "cn", "scn", "oi"),
    "supplier_bill": ("bill", "scn", "oi"), "payment": ("rct", "pay", "cn", "scn", "oi"),
    "journal_entry": ("je",), "proposal": ("pr",), "deduction": ("ded",),
    "asset": ("fa",), "depreciation_run": ("dep",),
    "bank_statement": ("bst",), "bank_line": ("bl",), "bank_match": ("bm", "bl"),
    "bank_rule": ("br",),
    "revaluation": ("rev",),
    "open_item": ("inv", "bill", "cn", "scn", "oi", "rct", "pay", "je"),
    "recurring_entry": ("re",),
    "deferral": ("def",), "schedule": ("re", "def"), "schedule_run": ("run",),
    "payment_order": ("pmo",), "dunning_letter": ("dun",),
    "stock_transfer": ("tr",), "stock_hold": ("qh",), "stock_count": ("ct",),
    "landed_cost": ("lc",),
    "requisition": ("rq",), "quotation_request": ("rfq",),
    "reservation": ("rs",),
    "saved_report": ("rep",), "standing_order": ("sch", "alr"),
}  # fmt: skip
ENTITIES = {
    "item": ("item",), "customer": ("customer",), "supplier": ("supplier",),
    "party": ("customer", "supplier", "employee"), "territory": ("territory",),
    "employee": ("employee",), "location": ("location",), "account": ("account",),
    "category": ("category", "subcategory"), "salesperson": ("employee",),
    "person": ("person",), "department": ("department",), "bank_account": ("bank_account",),
    "asset": ("asset",), "asset_class": ("asset_class",), "budget": ("budget",),
    "payment_terms": ("payment_terms",),
    "heading": ("heading",),
    "dimension": ("dimension",), "dimension_member": ("dimension_member",),
    "entry_template": ("entry_template",), "recurring_entry": ("recurring_entry",),
    "tax_code": ("tax_code",),
    "unit": ("unit",), "promotion": ("promotion",), "commission_plan": ("commission_plan",),
    "item_template": ("item_template",), "price_list": ("price_list",),
    "lot": ("lot",),
}  # fmt: skip


def prefixes_of(slot: Slot) -> tuple[str, ...]:
    """Return what the numbers of the documents begin with that a slot takes."""
    if slot.ref == "customer_invoice" and slot.name != "number":
        # "number" is any invoice, bill or credit note; "invoice" is one of ours.
        return ("inv",)
    return DOCUMENTS.get(slot.ref, ())
