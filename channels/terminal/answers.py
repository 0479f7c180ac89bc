"""Tables and proposals as plain values, in the one shape that programs may rely on."""

from typing import Any

from core.kernel.effects import Change, Effect
from core.kernel.errors import DomainError, Language
from tools.base import Grid
from tools.toolbox import Outcome, ProposalView


def table_json(grid: Grid | None, language: Language) -> dict[str, Any] | None:
    """Return a table with its columns named in a person's language."""
    if grid is None:
        return None
    columns = [{"name": column.in_(language), "unit": column.unit} for column in grid.columns]
    return {"columns": columns, "rows": grid.rows}


def effect_json(effect: Effect, language: Language) -> dict[str, Any]:
    """Return an effect: every change as data, and as the line that a person reads."""
    return {
        "digest": effect.digest,
        "changes": [_change(change, language) for change in effect.changes],
        "amounts": effect.amounts,
    }


def proposal_json(card: ProposalView, language: Language) -> dict[str, Any]:
    """Return a proposal as its card shows it."""
    return {
        "id": card.id,
        "number": card.number,
        "title": card.title(language),
        "state": card.state,
        "asked_by": card.asked_by,
        "calls": card.calls,
        "reason": card.reason,
        "effect": effect_json(card.effect, language),
        "needs": card.needs(language),
        "may_decide": card.may_decide,
        "undo": card.undo_text(language),
        "expires_at": card.expires_at,
        "answers": card.answers,
    }


def outcome_json(outcome: Outcome, language: Language) -> dict[str, Any]:
    """Return what became of a decision."""
    gone, new = outcome.delta or ((), ())
    return {
        "kind": outcome.state,
        "text": outcome.said(language),
        "proposal": proposal_json(outcome.proposal, language),
        "delta": {"gone": gone, "new": new} if outcome.delta else None,
    }


def refusal_json(refusal: DomainError, language: Language) -> dict[str, Any]:
    """Return a refusal: its stable code, and its sentence."""
    return {"kind": "refuse", "code": refusal.code, "text": refusal.message(language)}


def _change(change: Change, language: Language) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "subject": change.subject,
        "measure": change.measure,
        "before": change.before,
        "after": change.after,
        "detail": change.detail,
        "note": change.note,
        "says": change.says(language),
    }
