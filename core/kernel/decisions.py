"""The kinds of decision that a company may set limits of their own for."""

from enum import StrEnum


class DecisionKind(StrEnum):
    """What somebody decides on, when they say yes; each fact names the kind that it is."""

    PURCHASE_ORDER = "purchase_order"
    SALES_ORDER = "sales_order"
    CUSTOMER_INVOICE = "customer_invoice"
    CUSTOMER_CREDIT_NOTE = "customer_credit_note"
    CUSTOMER_PAYMENT = "customer_payment"
    SUPPLIER_BILL = "supplier_bill"
    SUPPLIER_CREDIT_NOTE = "supplier_credit_note"
    SUPPLIER_PAYMENT = "supplier_payment"
    JOURNAL_ENTRY = "journal_entry"
    WRITE_OFF = "write_off"
    CREDIT_LIMIT = "credit_limit"
    CREDIT_RELEASE = "credit_release"
    STOCK_COUNT = "stock_count"
    BANK_ACCOUNT = "bank_account"
    EXCHANGE_RATE = "exchange_rate"
    PERIOD_REOPENING = "period_reopening"
    RIGHTS = "rights"
    EMPLOYEE_PAY = "employee_pay"
