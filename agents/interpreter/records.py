"""Which records an argument may name: documents by their numbers, everything else by its names."""

from dataclasses import dataclass

from agents.interpreter.slots import Slot

# Which document a slot of each kind takes, by the letters its number begins with.
DOCUMENTS = {
    "purchase_order": ("po",), "sales_order": ("so",), "delivery": ("dn",), "quotation": ("qu",),
    "sales_return": ("rt",), "message": ("msg",), "thread": ("thr", "msg"),
    "paper": ("qu", "so", "dn", "inv", "cn"), "goods_receipt": ("gr",),
    "customer_invoice": ("inv", "bill", "cn", "scn", "oi"),
    "supplier_bill": ("bill", "scn", "oi"), "payment": ("rct", "pay", "cn", "scn", "oi"),
    "journal_entry": ("je",), "proposal": ("pr",), "deduction": ("ded",), "asset": ("fa",),
    "depreciation_run": ("dep",), "bank_statement": ("bst",), "bank_line": ("bl",),
    "bank_match": ("bm", "bl"), "bank_rule": ("br",), "revaluation": ("rev",),
    "open_item": ("inv", "bill", "cn", "scn", "oi", "rct", "pay", "je"),
    "recurring_entry": ("re",), "deferral": ("def",), "schedule": ("re", "def"),
    "schedule_run": ("run",), "payment_order": ("pmo",), "dunning_letter": ("dun",),
    "stock_transfer": ("tr",), "stock_hold": ("qh",), "stock_count": ("ct",),
    "landed_cost": ("lc",), "requisition": ("rq",), "quotation_request": ("rfq",),
    "reservation": ("rs",), "opportunity": ("op",), "lead": ("ld",), "task": ("tk",),
    "party_merge": ("mg",), "ticket": ("t",), "article": ("kb",), "leave_request": ("lv",),
    "expense_claim": ("ex",), "staff_workflow": ("wf",), "payroll_run": ("py",),
    "payslip": ("ps",), "work_order": ("wo",), "bill_of_materials": ("bom",),
    "wanting_document": ("so", "wo"), "saved_report": ("rep",), "standing_order": ("sch", "alr"),
    "project": ("pj",), "time_entry": ("te",),
    "job_opening": ("jo",), "application": ("ja",), "applicant": ("ac",), "interview": ("iv",),
    "job_offer": ("of",), "review_cycle": ("rc",),
    "segment": ("seg",), "campaign": ("cmp",),
}  # fmt: skip
ENTITIES = {
    "item": ("item",), "customer": ("customer",), "supplier": ("supplier",),
    "party": ("customer", "supplier", "employee", "contact"), "contact": ("contact",),
    "opportunity": ("opportunity", "customer"), "lead": ("lead",), "stage": ("stage",),
    "pipeline": ("pipeline",), "sales_team": ("sales_team",), "territory": ("territory",),
    "employee": ("employee",), "location": ("location",), "account": ("account",),
    "category": ("category", "subcategory"), "salesperson": ("employee",), "person": ("person",),
    "department": ("department",), "bank_account": ("bank_account",), "asset": ("asset",),
    "asset_class": ("asset_class",), "budget": ("budget",), "payment_terms": ("payment_terms",),
    "heading": ("heading",), "dimension": ("dimension",),
    "dimension_member": ("dimension_member",), "entry_template": ("entry_template",),
    "recurring_entry": ("recurring_entry",), "tax_code": ("tax_code",), "unit": ("unit",),
    "promotion": ("promotion",), "commission_plan": ("commission_plan",),
    "item_template": ("item_template",), "price_list": ("price_list",), "lot": ("lot",),
    "pay_component": ("pay_component",), "pay_structure": ("pay_structure",),
    "rate_set": ("rate_set",), "leave_type": ("leave_type",),
    "expense_category": ("expense_category",), "work_centre": ("work_centre",),
    "project": ("project",), "segment": ("segment",), "campaign": ("campaign",),
    "mail_template": ("mail_template",),
}  # fmt: skip


def prefixes_of(slot: Slot) -> tuple[str, ...]:
    """Return what the numbers of the documents begin with that a slot takes."""
    if slot.ref == "customer_invoice" and slot.name != "number":
        # "number" is any invoice, bill or credit note; "invoice" is one of ours.
        return ("inv",)
    return DOCUMENTS.get(slot.ref, ())


# What a call leaves behind, and the field of its answer that holds the number: a later step of
# the same message means it by "it", or by nothing at all: "sell ..., ship it and send the invoice".
MADE_BY = {
    "manufacturing.make": ("wo", "number"), "sales.sell_item": ("so", "number"),
    "sales.quote_items": ("qu", "quotation.number"), "sales.accept_quotation": ("so", "number"),
    "sales.deliver_order": ("dn", "number"), "sales.invoice_order": ("inv", "number"),
    "sales.authorise_return": ("rt", "order_return.number"),
    "purchasing.order_item": ("po", "number"), "purchasing.receive_order": ("gr", "number"),
    "purchasing.bill_order": ("bill", "number"),
    "purchasing.write_requisition": ("rq", "number"),
    "purchasing.ask_for_quotes": ("rfq", "number"), "invoicing.post_invoice": ("inv", "number"),
    "invoicing.post_bill": ("bill", "number"), "ledger.post_entry": ("je", "number"),
    "transfers.ship": ("tr", "number"), "counting.start": ("ct", "number"),
    "holding.hold": ("qh", "number"), "reservations.reserve": ("rs", "number"),
    "support.open_ticket": ("t", "ticket.number"),
    "support.start_return": ("rt", "order_return.number"),
    "knowledge.write": ("kb", "article.number"), "hr.request_leave": ("lv", "number"),
    "hr.claim_expense": ("ex", "number"), "projects.open_project": ("pj", "number"),
    "recruiting.ask_opening": ("jo", "number"), "recruiting.add_application": ("ja", "number"),
    "recruiting.set_interview": ("iv", "number"), "recruiting.propose_offer": ("of", "number"),
    "hr.log_hours": ("te", "number"), "projects.invoice_project": ("inv", "number"),
}  # fmt: skip


@dataclass(frozen=True)
class Spoken:
    """A document that was spoken of: its kind, and its number or the step that will make it."""

    prefix: str
    number: str

    @classmethod
    def of(cls, number: str) -> "Spoken":
        """Return a document by its number."""
        return cls(number.partition("-")[0].lower(), number)
