"""Words for models: files, filled in per call."""

from pathlib import Path

HERE = Path(__file__).parent


def prompt(name: str, **facts: str) -> str:
    """Return a prompt with its {names} filled in."""
    return (HERE / f"{name}.md").read_text(encoding="utf-8").format(**facts)
