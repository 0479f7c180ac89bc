"""How arguments name a record, where several tools do."""

from typing import Annotated

from tools.base import Ref, Text

AccountRef = Annotated[Text, Ref("account")]
BillRef = Annotated[Text, Ref("supplier_bill")]
InvoiceRef = Annotated[Text, Ref("customer_invoice")]
LoginRef = Annotated[Text, Ref("person")]
PartyRef = Annotated[Text, Ref("party")]
TaxRef = Annotated[Text, Ref("tax_code")]
TermsRef = Annotated[Text, Ref("payment_terms")]
YearRef = Annotated[Text, Ref("fiscal_year")]
