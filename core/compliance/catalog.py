"""The promises about items: their units, kits, taxes and prices."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from core.compliance.findings import Finding, found


def items_are_taxed_as_their_category(session: Session) -> Iterator[Finding]:
    """I10: an item that says nothing of its own has the tax codes of its nearest category."""
    yield from found(
        session,
        "I10",
        """
        WITH RECURSIVE up AS (
            SELECT id AS category_id, parent_id, sales_tax_code, purchase_tax_code
            FROM item_category
            UNION ALL
            SELECT up.category_id, above.parent_id, above.sales_tax_code, above.purchase_tax_code
            FROM up JOIN item_category AS above ON above.id = up.parent_id
            WHERE up.sales_tax_code IS NULL AND up.purchase_tax_code IS NULL
        ), nearest AS (
            SELECT * FROM up WHERE num_nonnulls(sales_tax_code, purchase_tax_code) > 0
        )
        SELECT item.sku, 'is taxed ' || coalesce(item.sales_tax_code, 'not') || ' / '
            || coalesce(item.purchase_tax_code, 'not') || ', its category '
            || coalesce(nearest.sales_tax_code, 'not') || ' / '
            || coalesce(nearest.purchase_tax_code, 'not')
        FROM item LEFT JOIN nearest ON nearest.category_id = item.category_id
        WHERE NOT item.own_tax AND (
            item.sales_tax_code IS DISTINCT FROM nearest.sales_tax_code
            OR item.purchase_tax_code IS DISTINCT FROM nearest.purchase_tax_code
        )
        ORDER BY 1
        """,
    )


def kits_are_sold_in_whole_units(session: Session) -> Iterator[Finding]:
    """I10: components belong to kits, are none themselves, and fit their units."""
    yield from found(
        session,
        "I10",
        """
        SELECT kit.sku || ' of ' || item.sku, trim_scale(part.quantity) || ' ' || item.unit_code
            || CASE WHEN kit.kind <> 'kit' THEN ' belong to what is no kit'
                WHEN item.kind = 'kit' THEN ' are kits themselves'
                ELSE ' are more exact than the unit' END
        FROM kit_component AS part
        JOIN item AS kit ON kit.id = part.kit_id
        JOIN item ON item.id = part.item_id
        JOIN unit ON unit.code = item.unit_code
        WHERE kit.kind <> 'kit' OR item.kind = 'kit'
            OR scale(trim_scale(part.quantity)) > unit.digits
        ORDER BY 1
        """,
    )


def units_lead_to_the_one_of_their_item(session: Session) -> Iterator[Finding]:
    """I10: what an item is bought, sold and scanned in can be counted in its own unit."""
    yield from found(
        session,
        "I10",
        """
        WITH RECURSIVE used AS (
            SELECT id AS item_id, unit_code AS base, purchase_unit_code AS code FROM item
            UNION SELECT id, unit_code, sales_unit_code FROM item
            UNION SELECT item.id, item.unit_code, barcode.unit_code
            FROM barcode JOIN item ON item.id = barcode.item_id
        ), reached AS (
            SELECT item_id, base, code, code AS at, 0 AS steps FROM used WHERE code IS NOT NULL
            UNION
            SELECT reached.item_id, reached.base, reached.code, said.of_unit_code, steps + 1
            FROM reached JOIN unit_conversion AS said ON said.unit_code = reached.at
                AND (said.item_id = reached.item_id OR said.item_id IS NULL)
            WHERE reached.at <> reached.base AND steps < 100
        ), base AS (
            SELECT item_id, base, base AS at, 0 AS steps FROM used
            UNION
            SELECT base.item_id, base.base, said.of_unit_code, steps + 1
            FROM base JOIN unit_conversion AS said ON said.unit_code = base.at
                AND (said.item_id = base.item_id OR said.item_id IS NULL)
            WHERE steps < 100
        )
        SELECT item.sku || ' ' || reached.code, 'cannot be counted in ' || item.unit_code
        FROM reached JOIN item ON item.id = reached.item_id
        GROUP BY item.id, item.sku, item.unit_code, reached.code
        HAVING NOT EXISTS (
            SELECT 1 FROM reached AS any_step JOIN base ON base.item_id = any_step.item_id
                AND base.at = any_step.at
            WHERE any_step.item_id = item.id AND any_step.code = reached.code
        )
        ORDER BY 1
        """,
    )


def promotions_give_what_their_lines_say(session: Session) -> Iterator[Finding]:
    """I10: what promotions took off a line is named by a promotion, and never a surcharge."""
    yield from found(
        session,
        "I10",
        """
        SELECT sales_order.number || ' line ' || line.position,
            'saves ' || trim_scale(line.promotion_amount) || ' by '
            || coalesce(line.promotions, 'no promotion')
        FROM sales_order_line AS line JOIN sales_order ON sales_order.id = line.order_id
        WHERE line.promotion_amount < 0
            OR (line.promotion_amount > 0 AND line.promotions IS NULL)
        ORDER BY 1
        """,
    )


def policies_are_complete(session: Session) -> Iterator[Finding]:
    """I10: how an item is reordered says what its method needs, of something that lies in stock."""
    yield from found(
        session,
        "I10",
        """
        SELECT item.sku, CASE WHEN item.kind <> 'stocked' THEN 'is reordered and never in stock'
            ELSE 'is reordered by ' || rule.method || ' without its terms' END
        FROM reorder_rule AS rule JOIN item ON item.id = rule.item_id
        WHERE item.kind <> 'stocked'
            OR (rule.method = 'min_max') <> (num_nonnulls(rule.minimum, rule.target) = 2)
            OR (rule.method = 'service_level')
                <> (num_nonnulls(rule.service_percent, rule.service_kind) = 2)
        ORDER BY 1
        """,
    )
