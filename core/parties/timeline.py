"""What is told of a party itself: what it agreed to, and what was merged into it."""

from sqlalchemy import case, cast, literal, select
from sqlalchemy.types import String

from core.kernel.semantics import Names
from core.kernel.timeline import NO_AMOUNT, NOTHING, Strand
from core.parties.contacts.tables import Consent
from core.parties.tables import Party, PartyMerge

STRANDS = (
    Strand(
        "consent",
        Names("consent", "同意"),
        select(
            Consent.party_id,
            Consent.at.label("at"),
            Consent.id.label("id"),
            NOTHING.label("number"),
            cast(Consent.purpose, String).label("title"),
            Consent.how.label("detail"),
            case((Consent.given, "given"), else_="withdrawn").label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        ),
    ),
    Strand(
        "merges",
        Names("merged records", "合并记录"),
        select(
            PartyMerge.survivor_id.label("party_id"),
            PartyMerge.created_at.label("at"),
            PartyMerge.id.label("id"),
            PartyMerge.number.label("number"),
            (Party.number + " " + Party.name).label("title"),
            PartyMerge.because.label("detail"),
            literal("merged").label("state"),
            NO_AMOUNT.label("minor"),
            NOTHING.label("currency"),
        )
        .join(Party, Party.id == PartyMerge.merged_id)
        .where(PartyMerge.undone_at.is_(None)),
    ),
)
