"""The figures one can ask for, listed in the terminal."""

from typing import Any

from core.kernel.errors import Language
from core.kernel.semantics import Dimension, Metric, Unit
from core.reporting import CATALOGUE, formula_of, sources_of, version_of
from core.reporting.describing import UNITS


def listed(about: str, language: Language) -> dict[str, list[dict[str, Any]]]:
    """Return the figures and dimensions whose names have a text in them; all without one."""
    said = about.strip().casefold()

    def is_about(one: Metric | Dimension) -> bool:
        names = (one.id, *one.names.all_in("en"), *one.names.all_in("zh"))
        return any(said in name.casefold() for name in names)

    return {
        "metrics": [_described(one, language) for one in CATALOGUE.asked() if is_about(one)],
        "dimensions": [
            {**_named(one, language), "parent": one.parent, "roles": sorted(one.roles)}
            for one in CATALOGUE.dimensions.values()
            if is_about(one)
        ],
    }


def _named(one: Metric | Dimension, language: Language) -> dict[str, Any]:
    name, *also = one.names.all_in(language)
    return {"id": one.id, "name": name, "also": also}


def _described(metric: Metric, language: Language) -> dict[str, Any]:
    return {
        **_named(metric, language),
        "definition": metric.definition.in_(language),
        "formula": formula_of(metric, language),
        "from": sources_of(metric, language, orders=False),
        "unit": metric.unit.value,
        "kind": metric.kind.value,
        "version": version_of(metric.id),
        "dimensions": CATALOGUE.dimensions_of(metric.id),
        "roles": sorted(metric.roles),
    }


def shown(found: dict[str, list[dict[str, Any]]], language: Language) -> list[str]:
    """Return the lines that tell people of them."""
    zh = language == "zh"
    by, formula, comma = ("可按", "公式", "、") if zh else ("by", "formula", ", ")
    lines: list[str] = []
    for one in found["metrics"]:
        unit = UNITS[Unit(one["unit"])].in_(language)
        lines.append(f"{one['id']} · {one['name']} · {unit} · v{one['version']}")
        lines.append(f"  {one['definition']}")
        if one["formula"]:
            lines.append(f"  {formula}: {one['formula']}")
        named = [CATALOGUE.dimensions[name].names.in_(language) for name in one["dimensions"]]
        if named:
            lines.append(f"  {by}: {comma.join(named)}")
    metrics, dimensions = len(found["metrics"]), len(found["dimensions"])
    lines.append(
        f"{metrics} 个指标，{dimensions} 个维度"
        if zh
        else f"figures: {metrics}, dimensions: {dimensions}"
    )
    return lines
