"""Contacts: the people at customers and suppliers, how they are reached, what they agreed to.

Consent is a row for every time that it was given or withdrawn; the newest one counts, and nothing
counts where nobody was asked.
"""

from core.parties.contacts.queries import (
    AddressView,
    ContactView,
    accounts_of,
    addresses_of,
    consent_of,
    consents_now,
    group_of,
    list_contacts,
    may_contact,
    parents_of,
    parties_called_by,
    parties_reached_by,
)
from core.parties.contacts.rules import FREE_MAIL, address_key, mail_domain, phone_key
from core.parties.contacts.service import (
    add_address,
    add_contact,
    end_contact,
    note_consent,
    remove_address,
    set_parent,
)
from core.parties.contacts.tables import (
    AddressKind,
    Consent,
    ContactRole,
    PartyAddress,
    PartyContact,
    Purpose,
)

__all__ = [
    "FREE_MAIL",
    "AddressKind",
    "AddressView",
    "Consent",
    "ContactRole",
    "ContactView",
    "PartyAddress",
    "PartyContact",
    "Purpose",
    "accounts_of",
    "add_address",
    "add_contact",
    "address_key",
    "addresses_of",
    "consent_of",
    "consents_now",
    "end_contact",
    "group_of",
    "list_contacts",
    "mail_domain",
    "may_contact",
    "note_consent",
    "parents_of",
    "parties_called_by",
    "parties_reached_by",
    "phone_key",
    "remove_address",
    "set_parent",
]
