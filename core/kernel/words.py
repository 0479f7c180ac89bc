"""The house's words for states, documents and measures, in both languages: one source for all."""

from core.kernel.errors import Language

WORDS: dict[str, tuple[str, str]] = {
    "item": ("item", "物料"),
    "party": ("party", "往来单位"),
    "customer": ("customer", "客户"),
    "supplier": ("supplier", "供应商"),
    "purchase_order": ("purchase order", "采购订单"),
    "goods_receipt": ("goods receipt", "收货单"),
    "sales_order": ("sales order", "销售订单"),
    "delivery": ("delivery", "发货单"),
    "customer_invoice": ("customer invoice", "销售发票"),
    "customer_credit_note": ("credit note", "贷项通知单"),
    "supplier_bill": ("supplier bill", "供应商账单"),
    "supplier_credit_note": ("supplier credit note", "供应商贷项"),
    "customer_payment": ("customer payment", "收款"),
    "supplier_payment": ("supplier payment", "付款"),
    "journal_entry": ("journal entry", "记账凭证"),
    "reorder_rule": ("reorder rule", "再订货规则"),
    "supplier_offer": ("supplier offer", "供应商报价"),
    "price": ("price", "价格"),
    "period": ("fiscal period", "会计期间"),
    "person": ("person", "用户"),
    "activity": ("activity", "跟进活动"),
    "employee": ("employee", "员工"),
    "on_hand": ("on hand", "现有"),
    "reserved": ("reserved", "已预留"),
    "available": ("available", "可用"),
    "on_order": ("on order", "在途"),
    "draft": ("draft", "草稿"),
    "open": ("open", "未结"),
    "placed": ("placed", "已下单"),
    "received": ("received", "已收货"),
    "partly_received": ("partly received", "部分收货"),
    "confirmed": ("confirmed", "已确认"),
    "partly_delivered": ("partly delivered", "部分发货"),
    "delivered": ("delivered", "已发货"),
    "cancelled": ("cancelled", "已取消"),
    "posted": ("posted", "已过账"),
    "paid": ("paid", "已付清"),
    "reversed": ("reversed", "已冲销"),
    "on_hold": ("on hold", "暂停"),
    "closed": ("closed", "已关闭"),
    "debit": ("debit", "借"),
    "credit": ("credit", "贷"),
    "exposure": ("exposure", "信用占用"),
    "credit_limit": ("credit limit", "信用额度"),
    "cash_in": ("cash in", "现金流入"),
    "cash_out": ("cash out", "现金流出"),
    "executed": ("done", "已执行"),
    "rejected": ("rejected", "已驳回"),
    "withdrawn": ("withdrawn", "已撤回"),
    "expired": ("expired", "已过期"),
    "new": ("new", "新建"),
}


def word(key: str, language: Language = "en") -> str:
    """Return the house's word, or the key itself where it is somebody's own name."""
    pair = WORDS.get(key)
    return key if pair is None else pair[language == "zh"]
