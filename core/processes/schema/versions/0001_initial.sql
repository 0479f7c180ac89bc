CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
        BEGIN
            RAISE EXCEPTION '% is a record of facts: add a correction instead', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$;

CREATE FUNCTION public.refuse_closed_period() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    found text;
BEGIN
    IF NEW.transaction <> pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'journal entry % names another transaction', NEW.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT state INTO found FROM period
        WHERE NEW.posted_on BETWEEN starts_on AND ends_on FOR SHARE;
    IF found IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'the period of % is %', NEW.posted_on, coalesce(found, 'not defined')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_period_open';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.refuse_late_posting() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN journal_entry ON journal_entry.id = added.entry_id
        WHERE journal_entry.transaction <> pg_current_xact_id()::text::bigint)
    THEN
        RAISE EXCEPTION 'a journal entry is already posted'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_unbalanced_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    debits numeric;
    credits numeric;
    lines integer;
BEGIN
    SELECT count(*), coalesce(sum(base_minor) FILTER (WHERE side = 'debit'), 0),
        coalesce(sum(base_minor) FILTER (WHERE side = 'credit'), 0)
        INTO lines, debits, credits FROM posting WHERE entry_id = NEW.id;
    IF lines < 2 OR debits <> credits OR EXISTS (
        SELECT FROM posting WHERE entry_id = NEW.id GROUP BY currency
        HAVING sum(CASE side WHEN 'debit' THEN amount_minor ELSE -amount_minor END) <> 0)
    THEN
        RAISE EXCEPTION 'journal entry % is not balanced', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entry_balanced';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.ring() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN PERFORM pg_notify('change_event', ''); RETURN NULL; END $$;

CREATE TABLE public.account (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    kind character varying(32) NOT NULL,
    role character varying,
    control character varying(32),
    party_required boolean NOT NULL,
    blocked boolean NOT NULL,
    parent_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_account_accountkind CHECK (((kind)::text = ANY ((ARRAY['asset'::character varying, 'liability'::character varying, 'equity'::character varying, 'income'::character varying, 'expense'::character varying])::text[]))),
    CONSTRAINT ck_account_control CHECK (((control)::text = ANY ((ARRAY['receivable'::character varying, 'payable'::character varying, 'inventory'::character varying, 'goods_received_not_billed'::character varying])::text[])))
);

CREATE TABLE public.activity (
    party_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    direction character varying(32) NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    subject character varying NOT NULL,
    body character varying NOT NULL,
    author character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_activity_activitykind CHECK (((kind)::text = ANY ((ARRAY['email'::character varying, 'call'::character varying, 'meeting'::character varying, 'note'::character varying])::text[]))),
    CONSTRAINT ck_activity_direction CHECK (((direction)::text = ANY ((ARRAY['in'::character varying, 'out'::character varying, 'internal'::character varying])::text[])))
);

CREATE TABLE public.api_token (
    name character varying NOT NULL,
    token_hash character varying NOT NULL,
    person_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.approval_limit (
    role character varying NOT NULL,
    alone_minor bigint,
    approve_minor bigint,
    two_persons_above_minor bigint,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.audit_head (
    chain uuid NOT NULL,
    sequence bigint NOT NULL,
    hash character varying NOT NULL
);

CREATE TABLE public.audit_record (
    sequence bigint NOT NULL,
    event_sequence bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    name character varying NOT NULL,
    person character varying NOT NULL,
    proposal_id uuid,
    body text NOT NULL,
    hash character varying NOT NULL
);

CREATE TABLE public.change_event (
    sequence bigint NOT NULL,
    transaction bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    name character varying NOT NULL,
    facts jsonb NOT NULL,
    occurred_at timestamp with time zone NOT NULL
);

ALTER TABLE public.change_event ALTER COLUMN sequence ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.change_event_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.company (
    id integer NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    country character varying NOT NULL,
    currency character varying NOT NULL,
    rounding character varying(32) NOT NULL,
    revenue_basis character varying(32) NOT NULL,
    business_date date,
    CONSTRAINT ck_company_only_one CHECK ((id = 1)),
    CONSTRAINT ck_company_revenuebasis CHECK (((revenue_basis)::text = ANY ((ARRAY['invoices'::character varying, 'orders'::character varying])::text[]))),
    CONSTRAINT ck_company_rounding CHECK (((rounding)::text = ANY ((ARRAY['half_up'::character varying, 'half_even'::character varying])::text[])))
);

CREATE TABLE public.conversation (
    person character varying NOT NULL,
    thread character varying NOT NULL,
    title character varying NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.customer (
    party_id uuid NOT NULL,
    credit_limit_minor bigint,
    payment_days integer NOT NULL,
    price_list_code character varying,
    territory_id uuid,
    salesperson_id uuid,
    customer_group character varying,
    CONSTRAINT ck_customer_credit_limit_not_negative CHECK ((credit_limit_minor >= 0))
);

CREATE TABLE public.decision (
    proposal_id uuid NOT NULL,
    person character varying NOT NULL,
    human character varying NOT NULL,
    verdict character varying(32) NOT NULL,
    digest character varying NOT NULL,
    reason character varying NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_decision_verdict CHECK (((verdict)::text = ANY ((ARRAY['approve'::character varying, 'reject'::character varying, 'edit'::character varying])::text[])))
);

CREATE TABLE public.delivery (
    number character varying NOT NULL,
    order_id uuid NOT NULL,
    delivered_on date NOT NULL,
    returns_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.delivery_line (
    delivery_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    cost_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_delivery_line_quantity_positive CHECK ((quantity > (0)::numeric))
);

CREATE TABLE public.department (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.duty_done (
    "case" character varying NOT NULL,
    duty character varying(32) NOT NULL,
    human character varying NOT NULL,
    proposal_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_duty_done_dutyname CHECK (((duty)::text = ANY ((ARRAY['order'::character varying, 'receive'::character varying, 'bill'::character varying, 'pay'::character varying])::text[])))
);

CREATE TABLE public.employee (
    number character varying NOT NULL,
    party_id uuid NOT NULL,
    department_id uuid NOT NULL,
    job_title character varying NOT NULL,
    hired_on date NOT NULL,
    left_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.external_reference (
    source character varying NOT NULL,
    kind character varying NOT NULL,
    external_id character varying NOT NULL,
    record_id uuid NOT NULL
);

CREATE TABLE public.goods_receipt (
    number character varying NOT NULL,
    order_id uuid NOT NULL,
    received_on date NOT NULL,
    returns_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.goods_receipt_line (
    receipt_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    value_minor bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_goods_receipt_line_quantity_positive CHECK ((quantity > (0)::numeric))
);

CREATE TABLE public.idempotency_key (
    key character varying NOT NULL,
    request_hash character varying NOT NULL,
    answer jsonb,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.invoice (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    party_id uuid NOT NULL,
    posted_on date NOT NULL,
    due_on date NOT NULL,
    currency character varying NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    base_total_minor bigint NOT NULL,
    open_minor bigint NOT NULL,
    reference character varying,
    origin character varying NOT NULL,
    state character varying(32) NOT NULL,
    entry_id uuid NOT NULL,
    territory_id uuid,
    salesperson_id uuid,
    channel character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_invoice_documentstate CHECK (((state)::text = ANY ((ARRAY['posted'::character varying, 'reversed'::character varying])::text[]))),
    CONSTRAINT ck_invoice_invoicekind CHECK (((kind)::text = ANY ((ARRAY['customer_invoice'::character varying, 'customer_credit_note'::character varying, 'supplier_bill'::character varying, 'supplier_credit_note'::character varying])::text[]))),
    CONSTRAINT ck_invoice_open_within_total CHECK (((open_minor >= 0) AND (open_minor <= total_minor))),
    CONSTRAINT ck_invoice_total CHECK (((net_minor + tax_minor) = total_minor)),
    CONSTRAINT ck_invoice_total_not_negative CHECK ((total_minor >= 0))
);

CREATE TABLE public.invoice_line (
    invoice_id uuid NOT NULL,
    "position" integer NOT NULL,
    item_id uuid,
    description character varying NOT NULL,
    quantity numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    discount_percent numeric(7,4) NOT NULL,
    net_minor bigint NOT NULL,
    tax_code character varying,
    tax_minor bigint NOT NULL,
    account_id uuid NOT NULL,
    order_line_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_invoice_line_quantity_positive CHECK ((quantity > (0)::numeric))
);

CREATE TABLE public.item (
    sku character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    kind character varying(32) NOT NULL,
    unit_code character varying NOT NULL,
    category_id uuid,
    standard_cost numeric(20,6) NOT NULL,
    sales_tax_code character varying,
    purchase_tax_code character varying,
    active boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_item_itemkind CHECK (((kind)::text = ANY ((ARRAY['stocked'::character varying, 'service'::character varying])::text[]))),
    CONSTRAINT ck_item_standard_cost_not_negative CHECK ((standard_cost >= (0)::numeric))
);

CREATE TABLE public.item_category (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    parent_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.journal_entry (
    number character varying NOT NULL,
    posted_on date NOT NULL,
    memo character varying NOT NULL,
    origin character varying NOT NULL,
    reverses_id uuid,
    transaction bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.location (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    kind character varying(32) NOT NULL,
    parent_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_location_locationkind CHECK (((kind)::text = ANY ((ARRAY['internal'::character varying, 'supplier'::character varying, 'customer'::character varying, 'production'::character varying, 'adjustment'::character varying])::text[])))
);

CREATE TABLE public.login_attempt (
    login character varying NOT NULL,
    address character varying NOT NULL,
    succeeded boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.login_session (
    token_hash character varying NOT NULL,
    person_id uuid NOT NULL,
    security_version integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.number_series (
    series character varying NOT NULL,
    last integer NOT NULL
);

CREATE TABLE public.party (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    name character varying NOT NULL,
    name_zh character varying,
    email character varying,
    phone character varying,
    country character varying,
    city character varying,
    address character varying,
    tax_number character varying,
    language character varying NOT NULL,
    blocked boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_party_partykind CHECK (((kind)::text = ANY ((ARRAY['company'::character varying, 'person'::character varying])::text[])))
);

CREATE TABLE public.payment (
    number character varying NOT NULL,
    kind character varying(32) NOT NULL,
    party_id uuid NOT NULL,
    paid_on date NOT NULL,
    currency character varying NOT NULL,
    amount_minor bigint NOT NULL,
    open_minor bigint NOT NULL,
    reference character varying,
    state character varying(32) NOT NULL,
    entry_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_payment_amount_positive CHECK ((amount_minor > 0)),
    CONSTRAINT ck_payment_documentstate CHECK (((state)::text = ANY ((ARRAY['posted'::character varying, 'reversed'::character varying])::text[]))),
    CONSTRAINT ck_payment_open_within_amount CHECK (((open_minor >= 0) AND (open_minor <= amount_minor))),
    CONSTRAINT ck_payment_paymentkind CHECK (((kind)::text = ANY ((ARRAY['customer_payment'::character varying, 'supplier_payment'::character varying])::text[])))
);

CREATE TABLE public.period (
    name character varying NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    state character varying(32) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_period_in_order CHECK ((starts_on <= ends_on)),
    CONSTRAINT ck_period_periodstate CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'on_hold'::character varying, 'closed'::character varying])::text[])))
);

CREATE TABLE public.person (
    login character varying NOT NULL,
    name character varying NOT NULL,
    email character varying,
    language character varying NOT NULL,
    roles character varying[] NOT NULL,
    password_hash character varying,
    is_service boolean NOT NULL,
    active boolean NOT NULL,
    party_id uuid,
    security_version integer NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_person_language CHECK (((language)::text = ANY ((ARRAY['en'::character varying, 'zh'::character varying])::text[])))
);

CREATE TABLE public.posting (
    entry_id uuid NOT NULL,
    "position" integer NOT NULL,
    account_id uuid NOT NULL,
    side character varying(32) NOT NULL,
    amount_minor bigint NOT NULL,
    currency character varying NOT NULL,
    base_minor bigint NOT NULL,
    party_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_posting_amounts_positive CHECK (((amount_minor >= 0) AND (base_minor >= 0) AND ((amount_minor + base_minor) > 0))),
    CONSTRAINT ck_posting_side CHECK (((side)::text = ANY ((ARRAY['debit'::character varying, 'credit'::character varying])::text[])))
);

CREATE TABLE public.price (
    price_list_id uuid NOT NULL,
    item_id uuid NOT NULL,
    minimum_quantity numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    valid_from date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_price_minimum_quantity_positive CHECK ((minimum_quantity > (0)::numeric)),
    CONSTRAINT ck_price_unit_price_not_negative CHECK ((unit_price >= (0)::numeric))
);

CREATE TABLE public.price_list (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    currency character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.proposal (
    number character varying NOT NULL,
    topic character varying NOT NULL,
    title character varying NOT NULL,
    plan jsonb NOT NULL,
    reason jsonb NOT NULL,
    effect_json jsonb NOT NULL,
    digest character varying NOT NULL,
    undo jsonb NOT NULL,
    asked_by character varying NOT NULL,
    asked_by_human character varying NOT NULL,
    asked_by_roles jsonb NOT NULL,
    door character varying NOT NULL,
    needs_roles jsonb NOT NULL,
    state character varying(32) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    undoes_id uuid,
    answers jsonb,
    closed_at timestamp with time zone,
    closed_because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_proposal_proposalstate CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'executed'::character varying, 'rejected'::character varying, 'withdrawn'::character varying, 'expired'::character varying])::text[])))
);

CREATE TABLE public.purchase_order (
    number character varying NOT NULL,
    supplier_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    ordered_on date NOT NULL,
    expected_on date NOT NULL,
    currency character varying NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    freight_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    imported boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_purchase_order_orderstate CHECK (((state)::text = ANY ((ARRAY['draft'::character varying, 'placed'::character varying, 'partly_received'::character varying, 'received'::character varying, 'cancelled'::character varying])::text[]))),
    CONSTRAINT ck_purchase_order_total CHECK ((((net_minor + tax_minor) + freight_minor) = total_minor))
);

CREATE TABLE public.purchase_order_line (
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    item_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    discount_percent numeric(7,4) NOT NULL,
    net_amount numeric(20,6) NOT NULL,
    due_on date NOT NULL,
    received_quantity numeric(20,6) NOT NULL,
    rejected_quantity numeric(20,6) NOT NULL,
    billed_quantity numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_purchase_order_line_billed_not_negative CHECK ((billed_quantity >= (0)::numeric)),
    CONSTRAINT ck_purchase_order_line_quantity_positive CHECK ((quantity > (0)::numeric)),
    CONSTRAINT ck_purchase_order_line_received_not_negative CHECK ((received_quantity >= (0)::numeric))
);

CREATE TABLE public.reorder_rule (
    item_id uuid NOT NULL,
    minimum numeric(20,6) NOT NULL,
    target numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_reorder_rule_in_order CHECK (((minimum >= (0)::numeric) AND (target >= minimum) AND (target > (0)::numeric)))
);

CREATE TABLE public.reservation (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    line_id uuid NOT NULL,
    origin character varying NOT NULL,
    state character varying(32) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_reservation_quantity_positive CHECK ((quantity > (0)::numeric)),
    CONSTRAINT ck_reservation_reservationstate CHECK (((state)::text = ANY ((ARRAY['active'::character varying, 'consumed'::character varying, 'released'::character varying])::text[])))
);

CREATE TABLE public.sales_order (
    number character varying NOT NULL,
    customer_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    ordered_on date NOT NULL,
    promised_on date NOT NULL,
    currency character varying NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    freight_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    territory_id uuid,
    salesperson_id uuid,
    channel character varying NOT NULL,
    reference character varying,
    imported boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_sales_order_orderstate CHECK (((state)::text = ANY ((ARRAY['draft'::character varying, 'confirmed'::character varying, 'partly_delivered'::character varying, 'delivered'::character varying, 'cancelled'::character varying])::text[]))),
    CONSTRAINT ck_sales_order_total CHECK ((((net_minor + tax_minor) + freight_minor) = total_minor))
);

CREATE TABLE public.sales_order_line (
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    item_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    list_price numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    discount_percent numeric(7,4) NOT NULL,
    net_amount numeric(20,6) NOT NULL,
    tax_code character varying,
    unit_cost numeric(20,6),
    delivered_quantity numeric(20,6) NOT NULL,
    invoiced_quantity numeric(20,6) NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_sales_order_line_delivered CHECK (((delivered_quantity >= (0)::numeric) AND (delivered_quantity <= quantity))),
    CONSTRAINT ck_sales_order_line_invoiced CHECK (((invoiced_quantity >= (0)::numeric) AND (invoiced_quantity <= delivered_quantity))),
    CONSTRAINT ck_sales_order_line_quantity_positive CHECK ((quantity > (0)::numeric))
);

CREATE TABLE public.settlement (
    invoice_id uuid NOT NULL,
    payment_id uuid,
    credit_note_id uuid,
    amount_minor bigint NOT NULL,
    settled_on date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_settlement_amount_not_zero CHECK ((amount_minor <> 0)),
    CONSTRAINT ck_settlement_one_source CHECK ((num_nonnulls(payment_id, credit_note_id) = 1))
);

CREATE TABLE public.stock_level (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    on_hand numeric(20,6) NOT NULL,
    reserved numeric(20,6) NOT NULL,
    CONSTRAINT ck_stock_level_on_hand_not_negative CHECK ((on_hand >= (0)::numeric)),
    CONSTRAINT ck_stock_level_reserved_on_hand CHECK (((reserved >= (0)::numeric) AND (reserved <= on_hand)))
);

CREATE TABLE public.stock_move (
    item_id uuid NOT NULL,
    from_location_id uuid NOT NULL,
    to_location_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    value_minor bigint NOT NULL,
    moved_on date NOT NULL,
    origin character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_stock_move_it_moves CHECK ((from_location_id <> to_location_id)),
    CONSTRAINT ck_stock_move_quantity_positive CHECK ((quantity > (0)::numeric)),
    CONSTRAINT ck_stock_move_value_not_negative CHECK ((value_minor >= 0))
);

CREATE TABLE public.stock_value (
    item_id uuid NOT NULL,
    quantity numeric(20,6) NOT NULL,
    value_minor bigint NOT NULL,
    CONSTRAINT ck_stock_value_nothing_is_worth_nothing CHECK (((quantity > (0)::numeric) OR (value_minor = 0))),
    CONSTRAINT ck_stock_value_quantity_not_negative CHECK ((quantity >= (0)::numeric)),
    CONSTRAINT ck_stock_value_value_not_negative CHECK ((value_minor >= 0))
);

CREATE TABLE public.supplier (
    party_id uuid NOT NULL,
    payment_days integer NOT NULL,
    preferred boolean NOT NULL,
    rating integer
);

CREATE TABLE public.supplier_offer (
    item_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    minimum_quantity numeric(20,6) NOT NULL,
    unit_price numeric(20,6) NOT NULL,
    currency character varying NOT NULL,
    lead_time_days integer NOT NULL,
    supplier_sku character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_supplier_offer_lead_time_not_negative CHECK ((lead_time_days >= 0)),
    CONSTRAINT ck_supplier_offer_minimum_quantity_positive CHECK ((minimum_quantity > (0)::numeric)),
    CONSTRAINT ck_supplier_offer_unit_price_not_negative CHECK ((unit_price >= (0)::numeric))
);

CREATE TABLE public.tax_code (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    percent numeric(9,4) NOT NULL
);

CREATE TABLE public.territory (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    country character varying NOT NULL,
    region character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.unit (
    code character varying NOT NULL,
    name character varying NOT NULL,
    name_zh character varying NOT NULL,
    digits integer NOT NULL,
    CONSTRAINT ck_unit_digits CHECK (((digits >= 0) AND (digits <= 6)))
);

CREATE TABLE public.watch_cursor (
    watcher character varying NOT NULL,
    transaction bigint NOT NULL,
    sequence bigint NOT NULL
);

ALTER TABLE ONLY public.period
    ADD CONSTRAINT ex_period_overlap EXCLUDE USING gist (daterange(starts_on, ends_on, '[]'::text) WITH &&);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT pk_account PRIMARY KEY (id);

ALTER TABLE ONLY public.activity
    ADD CONSTRAINT pk_activity PRIMARY KEY (id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT pk_api_token PRIMARY KEY (id);

ALTER TABLE ONLY public.approval_limit
    ADD CONSTRAINT pk_approval_limit PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT pk_audit_head PRIMARY KEY (chain);

ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT pk_audit_record PRIMARY KEY (sequence);

ALTER TABLE ONLY public.change_event
    ADD CONSTRAINT pk_change_event PRIMARY KEY (sequence);

ALTER TABLE ONLY public.company
    ADD CONSTRAINT pk_company PRIMARY KEY (id);

ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT pk_conversation PRIMARY KEY (id);

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT pk_customer PRIMARY KEY (party_id);

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT pk_decision PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT pk_delivery PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery_line
    ADD CONSTRAINT pk_delivery_line PRIMARY KEY (id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT pk_department PRIMARY KEY (id);

ALTER TABLE ONLY public.duty_done
    ADD CONSTRAINT pk_duty_done PRIMARY KEY (id);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT pk_employee PRIMARY KEY (id);

ALTER TABLE ONLY public.external_reference
    ADD CONSTRAINT pk_external_reference PRIMARY KEY (source, kind, external_id);

ALTER TABLE ONLY public.goods_receipt
    ADD CONSTRAINT pk_goods_receipt PRIMARY KEY (id);

ALTER TABLE ONLY public.goods_receipt_line
    ADD CONSTRAINT pk_goods_receipt_line PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_key
    ADD CONSTRAINT pk_idempotency_key PRIMARY KEY (key);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT pk_invoice PRIMARY KEY (id);

ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT pk_invoice_line PRIMARY KEY (id);

ALTER TABLE ONLY public.item
    ADD CONSTRAINT pk_item PRIMARY KEY (id);

ALTER TABLE ONLY public.item_category
    ADD CONSTRAINT pk_item_category PRIMARY KEY (id);

ALTER TABLE ONLY public.journal_entry
    ADD CONSTRAINT pk_journal_entry PRIMARY KEY (id);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT pk_location PRIMARY KEY (id);

ALTER TABLE ONLY public.login_attempt
    ADD CONSTRAINT pk_login_attempt PRIMARY KEY (id);

ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT pk_login_session PRIMARY KEY (id);

ALTER TABLE ONLY public.number_series
    ADD CONSTRAINT pk_number_series PRIMARY KEY (series);

ALTER TABLE ONLY public.party
    ADD CONSTRAINT pk_party PRIMARY KEY (id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT pk_payment PRIMARY KEY (id);

ALTER TABLE ONLY public.period
    ADD CONSTRAINT pk_period PRIMARY KEY (id);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT pk_person PRIMARY KEY (id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT pk_posting PRIMARY KEY (id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT pk_price PRIMARY KEY (id);

ALTER TABLE ONLY public.price_list
    ADD CONSTRAINT pk_price_list PRIMARY KEY (id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT pk_proposal PRIMARY KEY (id);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT pk_purchase_order PRIMARY KEY (id);

ALTER TABLE ONLY public.purchase_order_line
    ADD CONSTRAINT pk_purchase_order_line PRIMARY KEY (id);

ALTER TABLE ONLY public.reorder_rule
    ADD CONSTRAINT pk_reorder_rule PRIMARY KEY (id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT pk_reservation PRIMARY KEY (id);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT pk_sales_order PRIMARY KEY (id);

ALTER TABLE ONLY public.sales_order_line
    ADD CONSTRAINT pk_sales_order_line PRIMARY KEY (id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT pk_settlement PRIMARY KEY (id);

ALTER TABLE ONLY public.stock_level
    ADD CONSTRAINT pk_stock_level PRIMARY KEY (item_id, location_id);

ALTER TABLE ONLY public.stock_move
    ADD CONSTRAINT pk_stock_move PRIMARY KEY (id);

ALTER TABLE ONLY public.stock_value
    ADD CONSTRAINT pk_stock_value PRIMARY KEY (item_id);

ALTER TABLE ONLY public.supplier
    ADD CONSTRAINT pk_supplier PRIMARY KEY (party_id);

ALTER TABLE ONLY public.supplier_offer
    ADD CONSTRAINT pk_supplier_offer PRIMARY KEY (id);

ALTER TABLE ONLY public.tax_code
    ADD CONSTRAINT pk_tax_code PRIMARY KEY (code);

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT pk_territory PRIMARY KEY (id);

ALTER TABLE ONLY public.unit
    ADD CONSTRAINT pk_unit PRIMARY KEY (code);

ALTER TABLE ONLY public.watch_cursor
    ADD CONSTRAINT pk_watch_cursor PRIMARY KEY (watcher);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT uq_account_code UNIQUE (code);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT uq_account_role UNIQUE (role);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT uq_api_token_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.approval_limit
    ADD CONSTRAINT uq_approval_limit_role UNIQUE (role);

ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT uq_audit_record_event_sequence UNIQUE (event_sequence);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT uq_delivery_number UNIQUE (number);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT uq_delivery_returns_id UNIQUE (returns_id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT uq_department_code UNIQUE (code);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT uq_employee_number UNIQUE (number);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT uq_employee_party_id UNIQUE (party_id);

ALTER TABLE ONLY public.goods_receipt
    ADD CONSTRAINT uq_goods_receipt_number UNIQUE (number);

ALTER TABLE ONLY public.goods_receipt
    ADD CONSTRAINT uq_goods_receipt_returns_id UNIQUE (returns_id);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT uq_invoice_number UNIQUE (number);

ALTER TABLE ONLY public.item_category
    ADD CONSTRAINT uq_item_category_code UNIQUE (code);

ALTER TABLE ONLY public.item
    ADD CONSTRAINT uq_item_sku UNIQUE (sku);

ALTER TABLE ONLY public.journal_entry
    ADD CONSTRAINT uq_journal_entry_number UNIQUE (number);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT uq_location_code UNIQUE (code);

ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT uq_login_session_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.party
    ADD CONSTRAINT uq_party_number UNIQUE (number);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT uq_payment_number UNIQUE (number);

ALTER TABLE ONLY public.period
    ADD CONSTRAINT uq_period_ends_on UNIQUE (ends_on);

ALTER TABLE ONLY public.period
    ADD CONSTRAINT uq_period_name UNIQUE (name);

ALTER TABLE ONLY public.period
    ADD CONSTRAINT uq_period_starts_on UNIQUE (starts_on);

ALTER TABLE ONLY public.person
    ADD CONSTRAINT uq_person_login UNIQUE (login);

ALTER TABLE ONLY public.price_list
    ADD CONSTRAINT uq_price_list_code UNIQUE (code);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT uq_price_price_list_id_item_id_minimum_quantity_valid_from UNIQUE (price_list_id, item_id, minimum_quantity, valid_from);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT uq_proposal_number UNIQUE (number);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT uq_purchase_order_number UNIQUE (number);

ALTER TABLE ONLY public.reorder_rule
    ADD CONSTRAINT uq_reorder_rule_item_id UNIQUE (item_id);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT uq_sales_order_number UNIQUE (number);

ALTER TABLE ONLY public.supplier_offer
    ADD CONSTRAINT uq_supplier_offer_item_id_supplier_id_minimum_quantity UNIQUE (item_id, supplier_id, minimum_quantity);

ALTER TABLE ONLY public.territory
    ADD CONSTRAINT uq_territory_code UNIQUE (code);

CREATE INDEX ix_activity_party_id_happened_at ON public.activity USING btree (party_id, happened_at);

CREATE INDEX ix_api_token_person_id ON public.api_token USING btree (person_id);

CREATE INDEX ix_audit_record_person_at ON public.audit_record USING btree (person, at);

CREATE INDEX ix_audit_record_proposal_id ON public.audit_record USING btree (proposal_id);

CREATE INDEX ix_change_event_transaction_sequence ON public.change_event USING btree (transaction, sequence);

CREATE INDEX ix_conversation_person_updated_at ON public.conversation USING btree (person, updated_at);

CREATE INDEX ix_customer_salesperson_id ON public.customer USING btree (salesperson_id);

CREATE INDEX ix_customer_territory_id ON public.customer USING btree (territory_id);

CREATE INDEX ix_decision_proposal_id ON public.decision USING btree (proposal_id);

CREATE INDEX ix_delivery_delivered_on ON public.delivery USING btree (delivered_on);

CREATE INDEX ix_delivery_line_delivery_id ON public.delivery_line USING btree (delivery_id);

CREATE INDEX ix_delivery_line_order_line_id ON public.delivery_line USING btree (order_line_id);

CREATE INDEX ix_delivery_order_id ON public.delivery USING btree (order_id);

CREATE INDEX ix_duty_done_case ON public.duty_done USING btree ("case");

CREATE INDEX ix_employee_department_id ON public.employee USING btree (department_id);

CREATE INDEX ix_external_reference_record_id ON public.external_reference USING btree (record_id);

CREATE INDEX ix_goods_receipt_line_order_line_id ON public.goods_receipt_line USING btree (order_line_id);

CREATE INDEX ix_goods_receipt_line_receipt_id ON public.goods_receipt_line USING btree (receipt_id);

CREATE INDEX ix_goods_receipt_order_id ON public.goods_receipt USING btree (order_id);

CREATE INDEX ix_goods_receipt_received_on ON public.goods_receipt USING btree (received_on);

CREATE INDEX ix_invoice_line_invoice_id ON public.invoice_line USING btree (invoice_id);

CREATE INDEX ix_invoice_line_item_id ON public.invoice_line USING btree (item_id);

CREATE INDEX ix_invoice_line_order_line_id ON public.invoice_line USING btree (order_line_id);

CREATE INDEX ix_invoice_open ON public.invoice USING btree (party_id) WHERE (open_minor > 0);

CREATE INDEX ix_invoice_origin ON public.invoice USING btree (origin);

CREATE INDEX ix_invoice_party_id ON public.invoice USING btree (party_id);

CREATE INDEX ix_invoice_posted_on ON public.invoice USING btree (posted_on);

CREATE INDEX ix_item_category_id ON public.item USING btree (category_id);

CREATE INDEX ix_journal_entry_origin ON public.journal_entry USING btree (origin);

CREATE INDEX ix_journal_entry_posted_on ON public.journal_entry USING btree (posted_on);

CREATE INDEX ix_login_attempt_address ON public.login_attempt USING btree (address);

CREATE INDEX ix_login_attempt_login ON public.login_attempt USING btree (login);

CREATE INDEX ix_login_session_person_id ON public.login_session USING btree (person_id);

CREATE INDEX ix_party_email ON public.party USING btree (email);

CREATE INDEX ix_party_name ON public.party USING btree (lower((name)::text));

CREATE INDEX ix_payment_open ON public.payment USING btree (party_id) WHERE (open_minor > 0);

CREATE INDEX ix_payment_paid_on ON public.payment USING btree (paid_on);

CREATE INDEX ix_payment_party_id ON public.payment USING btree (party_id);

CREATE INDEX ix_posting_account_id_party_id ON public.posting USING btree (account_id, party_id);

CREATE INDEX ix_posting_entry_id ON public.posting USING btree (entry_id);

CREATE INDEX ix_price_item_id ON public.price USING btree (item_id);

CREATE INDEX ix_proposal_state_created_at ON public.proposal USING btree (state, created_at);

CREATE INDEX ix_proposal_undoes_id ON public.proposal USING btree (undoes_id);

CREATE INDEX ix_purchase_order_line_item_id ON public.purchase_order_line USING btree (item_id);

CREATE INDEX ix_purchase_order_line_order_id ON public.purchase_order_line USING btree (order_id);

CREATE INDEX ix_purchase_order_ordered_on ON public.purchase_order USING btree (ordered_on);

CREATE INDEX ix_purchase_order_supplier_id ON public.purchase_order USING btree (supplier_id);

CREATE INDEX ix_reservation_active_item ON public.reservation USING btree (item_id, location_id) WHERE ((state)::text = 'active'::text);

CREATE INDEX ix_reservation_active_line ON public.reservation USING btree (line_id) WHERE ((state)::text = 'active'::text);

CREATE INDEX ix_sales_order_customer_id ON public.sales_order USING btree (customer_id);

CREATE INDEX ix_sales_order_line_item_id ON public.sales_order_line USING btree (item_id);

CREATE INDEX ix_sales_order_line_order_id ON public.sales_order_line USING btree (order_id);

CREATE INDEX ix_sales_order_ordered_on ON public.sales_order USING btree (ordered_on);

CREATE INDEX ix_sales_order_salesperson_id ON public.sales_order USING btree (salesperson_id);

CREATE INDEX ix_sales_order_territory_id ON public.sales_order USING btree (territory_id);

CREATE INDEX ix_settlement_credit_note_id ON public.settlement USING btree (credit_note_id);

CREATE INDEX ix_settlement_invoice_id ON public.settlement USING btree (invoice_id);

CREATE INDEX ix_settlement_payment_id ON public.settlement USING btree (payment_id);

CREATE INDEX ix_stock_move_item_id_moved_on ON public.stock_move USING btree (item_id, moved_on);

CREATE INDEX ix_stock_move_origin ON public.stock_move USING btree (origin);

CREATE INDEX ix_supplier_offer_item_id ON public.supplier_offer USING btree (item_id);

CREATE INDEX ix_supplier_offer_supplier_id ON public.supplier_offer USING btree (supplier_id);

CREATE UNIQUE INDEX uq_conversation_person_thread ON public.conversation USING btree (person, thread);

CREATE UNIQUE INDEX uq_decision_approval ON public.decision USING btree (proposal_id, human, digest) WHERE ((verdict)::text = 'approve'::text);

CREATE UNIQUE INDEX uq_invoice_supplier_reference ON public.invoice USING btree (party_id, reference) WHERE (((kind)::text = 'supplier_bill'::text) AND (reference IS NOT NULL) AND ((state)::text = 'posted'::text));

CREATE UNIQUE INDEX uq_journal_entry_reverses_id ON public.journal_entry USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);

CREATE UNIQUE INDEX uq_proposal_open_topic ON public.proposal USING btree (topic) WHERE ((state)::text = 'open'::text);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_record FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.change_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.decision FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.duty_done FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.posting FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.stock_move FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON public.journal_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse_unbalanced_entry();

CREATE TRIGGER complete AFTER INSERT ON public.posting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_late_posting();

CREATE TRIGGER period_open BEFORE INSERT ON public.journal_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_closed_period();

CREATE TRIGGER ring AFTER INSERT ON public.change_event FOR EACH STATEMENT EXECUTE FUNCTION public.ring();

ALTER TABLE ONLY public.account
    ADD CONSTRAINT fk_account_parent_id FOREIGN KEY (parent_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.activity
    ADD CONSTRAINT fk_activity_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT fk_api_token_person_id FOREIGN KEY (person_id) REFERENCES public.person(id);

ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT fk_audit_record_event_sequence FOREIGN KEY (event_sequence) REFERENCES public.change_event(sequence);

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT fk_customer_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT fk_customer_salesperson_id FOREIGN KEY (salesperson_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.customer
    ADD CONSTRAINT fk_customer_territory_id FOREIGN KEY (territory_id) REFERENCES public.territory(id);

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT fk_decision_proposal_id FOREIGN KEY (proposal_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.delivery_line
    ADD CONSTRAINT fk_delivery_line_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.delivery(id);

ALTER TABLE ONLY public.delivery_line
    ADD CONSTRAINT fk_delivery_line_order_line_id FOREIGN KEY (order_line_id) REFERENCES public.sales_order_line(id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_returns_id FOREIGN KEY (returns_id) REFERENCES public.delivery(id);

ALTER TABLE ONLY public.duty_done
    ADD CONSTRAINT fk_duty_done_proposal_id FOREIGN KEY (proposal_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT fk_employee_department_id FOREIGN KEY (department_id) REFERENCES public.department(id);

ALTER TABLE ONLY public.employee
    ADD CONSTRAINT fk_employee_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.goods_receipt_line
    ADD CONSTRAINT fk_goods_receipt_line_order_line_id FOREIGN KEY (order_line_id) REFERENCES public.purchase_order_line(id);

ALTER TABLE ONLY public.goods_receipt_line
    ADD CONSTRAINT fk_goods_receipt_line_receipt_id FOREIGN KEY (receipt_id) REFERENCES public.goods_receipt(id);

ALTER TABLE ONLY public.goods_receipt
    ADD CONSTRAINT fk_goods_receipt_order_id FOREIGN KEY (order_id) REFERENCES public.purchase_order(id);

ALTER TABLE ONLY public.goods_receipt
    ADD CONSTRAINT fk_goods_receipt_returns_id FOREIGN KEY (returns_id) REFERENCES public.goods_receipt(id);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT fk_invoice_entry_id FOREIGN KEY (entry_id) REFERENCES public.journal_entry(id);

ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT fk_invoice_line_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT fk_invoice_line_invoice_id FOREIGN KEY (invoice_id) REFERENCES public.invoice(id);

ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT fk_invoice_line_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT fk_invoice_line_tax_code FOREIGN KEY (tax_code) REFERENCES public.tax_code(code);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT fk_invoice_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT fk_invoice_salesperson_id FOREIGN KEY (salesperson_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT fk_invoice_territory_id FOREIGN KEY (territory_id) REFERENCES public.territory(id);

ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_category_id FOREIGN KEY (category_id) REFERENCES public.item_category(id);

ALTER TABLE ONLY public.item_category
    ADD CONSTRAINT fk_item_category_parent_id FOREIGN KEY (parent_id) REFERENCES public.item_category(id);

ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_unit_code FOREIGN KEY (unit_code) REFERENCES public.unit(code);

ALTER TABLE ONLY public.journal_entry
    ADD CONSTRAINT fk_journal_entry_reverses_id FOREIGN KEY (reverses_id) REFERENCES public.journal_entry(id);

ALTER TABLE ONLY public.location
    ADD CONSTRAINT fk_location_parent_id FOREIGN KEY (parent_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT fk_login_session_person_id FOREIGN KEY (person_id) REFERENCES public.person(id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT fk_payment_entry_id FOREIGN KEY (entry_id) REFERENCES public.journal_entry(id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT fk_payment_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_account_id FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_entry_id FOREIGN KEY (entry_id) REFERENCES public.journal_entry(id);

ALTER TABLE ONLY public.posting
    ADD CONSTRAINT fk_posting_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT fk_price_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.price
    ADD CONSTRAINT fk_price_price_list_id FOREIGN KEY (price_list_id) REFERENCES public.price_list(id);

ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT fk_proposal_undoes_id FOREIGN KEY (undoes_id) REFERENCES public.proposal(id);

ALTER TABLE ONLY public.purchase_order_line
    ADD CONSTRAINT fk_purchase_order_line_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.purchase_order_line
    ADD CONSTRAINT fk_purchase_order_line_order_id FOREIGN KEY (order_id) REFERENCES public.purchase_order(id);

ALTER TABLE ONLY public.purchase_order
    ADD CONSTRAINT fk_purchase_order_supplier_id FOREIGN KEY (supplier_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.reorder_rule
    ADD CONSTRAINT fk_reorder_rule_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT fk_reservation_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT fk_reservation_location_id FOREIGN KEY (location_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT fk_sales_order_customer_id FOREIGN KEY (customer_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.sales_order_line
    ADD CONSTRAINT fk_sales_order_line_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.sales_order_line
    ADD CONSTRAINT fk_sales_order_line_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id);

ALTER TABLE ONLY public.sales_order_line
    ADD CONSTRAINT fk_sales_order_line_tax_code FOREIGN KEY (tax_code) REFERENCES public.tax_code(code);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT fk_sales_order_salesperson_id FOREIGN KEY (salesperson_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT fk_sales_order_territory_id FOREIGN KEY (territory_id) REFERENCES public.territory(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT fk_settlement_credit_note_id FOREIGN KEY (credit_note_id) REFERENCES public.invoice(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT fk_settlement_invoice_id FOREIGN KEY (invoice_id) REFERENCES public.invoice(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT fk_settlement_payment_id FOREIGN KEY (payment_id) REFERENCES public.payment(id);

ALTER TABLE ONLY public.stock_level
    ADD CONSTRAINT fk_stock_level_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.stock_level
    ADD CONSTRAINT fk_stock_level_location_id FOREIGN KEY (location_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.stock_move
    ADD CONSTRAINT fk_stock_move_from_location_id FOREIGN KEY (from_location_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.stock_move
    ADD CONSTRAINT fk_stock_move_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.stock_move
    ADD CONSTRAINT fk_stock_move_to_location_id FOREIGN KEY (to_location_id) REFERENCES public.location(id);

ALTER TABLE ONLY public.stock_value
    ADD CONSTRAINT fk_stock_value_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.supplier_offer
    ADD CONSTRAINT fk_supplier_offer_item_id FOREIGN KEY (item_id) REFERENCES public.item(id);

ALTER TABLE ONLY public.supplier_offer
    ADD CONSTRAINT fk_supplier_offer_supplier_id FOREIGN KEY (supplier_id) REFERENCES public.party(id);

ALTER TABLE ONLY public.supplier
    ADD CONSTRAINT fk_supplier_party_id FOREIGN KEY (party_id) REFERENCES public.party(id);
