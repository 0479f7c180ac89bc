"""Mail templates: our texts, in one or two languages, with fields that are filled in."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.kernel import events
from core.kernel.errors import Language
from core.kernel.naming import resolved
from core.marketing import rules
from core.marketing.errors import UnknownField, UnknownTemplate
from core.marketing.events import TemplateWritten
from core.marketing.tables import MailTemplate

LISTED_MAX = 200


def write_template(
    session: Session, *, name: str, language: Language, subject: str, body: str
) -> MailTemplate:
    """Write a text of ours, or write it anew; campaigns keep what they said."""
    for field in rules.unknown_fields(f"{subject} {body}"):
        known = ", ".join(f"{{{each}}}" for each in rules.FIELDS)
        raise UnknownField(field=field, known=known)
    same = _called(name).with_for_update()
    written = {text.language: text for text in session.scalars(same)}
    template = written.get(language)
    # A text in another language is of the same mail, however its name is written.
    name = next((text.name for text in written.values()), name)
    before = "" if template is None else f"{template.subject} · {template.body}"
    if template is None:
        template = MailTemplate(name=name, language=language)
        session.add(template)
    template.subject, template.body = " ".join(subject.split()), body.strip()
    session.flush()
    events.record(
        session,
        TemplateWritten(template.name, language, template.subject, template.body, before),
    )
    return template


def find_template(session: Session, text: str) -> list[MailTemplate]:
    """Return the texts of a template, one for each language it has."""
    among = select(MailTemplate.name, MailTemplate.name, MailTemplate.subject).distinct()
    name = resolved(session, among, text, UnknownTemplate)
    return list(session.scalars(_called(name).order_by(MailTemplate.language)))


def text_of(session: Session, name: str, language: Language) -> MailTemplate | None:
    """Return the text of exactly this name in a language, if there is one."""
    return session.scalar(_called(name).where(MailTemplate.language == language))


def list_templates(session: Session) -> list[MailTemplate]:
    """Return all texts by name."""
    wanted = select(MailTemplate).order_by(MailTemplate.name, MailTemplate.language)
    return list(session.scalars(wanted.limit(LISTED_MAX)))


def _called(name: str) -> Select[MailTemplate]:
    return select(MailTemplate).where(func.lower(MailTemplate.name) == name.lower())
