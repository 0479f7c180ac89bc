-- Recruiting and reviews; what is private of them is theirs to see.
ALTER TABLE duty_done DROP CONSTRAINT ck_duty_done_dutyname;
ALTER TABLE duty_done ADD CONSTRAINT ck_duty_done_dutyname CHECK (duty IN (
    'order', 'receive', 'bill', 'pay', 'add_supplier', 'change_account', 'verify_account',
    'execute', 'count', 'accept_count', 'enter_pay', 'release_pay', 'pay_out', 'propose_offer',
    'approve_offer'));

CREATE FUNCTION hold_headcount() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE places integer; opening uuid;
    BEGIN
        IF NEW.state <> 'accepted' THEN RETURN NULL; END IF;
        SELECT opening_id INTO opening FROM application WHERE id = NEW.application_id;
        SELECT headcount INTO places FROM job_opening WHERE id = opening FOR UPDATE;
        IF (SELECT count(*) FROM job_offer AS o JOIN application AS a ON a.id = o.application_id
            WHERE a.opening_id = opening AND o.state = 'accepted') > places THEN
            RAISE EXCEPTION 'more people than there are places'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_job_offer_headcount';
        END IF;
        RETURN NULL;
    END $$;
CREATE FUNCTION keep_closed_cycle() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF OLD.state = 'closed' THEN
            RAISE EXCEPTION 'a closed cycle stays closed' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE FUNCTION keep_review() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP <> 'INSERT' AND OLD.shared_on IS NOT NULL OR TG_OP = 'DELETE' OR EXISTS (
            SELECT FROM review_cycle WHERE id = NEW.cycle_id AND state = 'closed'
        ) THEN
            RAISE EXCEPTION 'what was shared, or closed, stays'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF NEW.shared_on IS NOT NULL AND NEW.score IS DISTINCT FROM (
            SELECT CASE WHEN sum(g.weight) = 100 AND count(*) = count(s.score)
                THEN round(sum(g.weight * s.score) / 100.0, 2) END
            FROM review_goal AS g
            LEFT JOIN review_rating AS s ON s.goal_id = g.id AND s.side = 'by_manager'
            WHERE g.review_id = NEW.id
        ) THEN
            RAISE EXCEPTION 'a score is the weighted mean of what the manager gave'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_review_score_by_rule';
        END IF;
        RETURN NEW;
    END $$;
CREATE FUNCTION keep_shared_review() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE shared date; state text; asked uuid;
    BEGIN
        asked := CASE TG_OP WHEN 'DELETE' THEN OLD.review_id ELSE NEW.review_id END;
        SELECT r.shared_on, c.state INTO shared, state
            FROM review AS r JOIN review_cycle AS c ON c.id = r.cycle_id
            WHERE r.id = asked FOR SHARE;
        IF shared IS NOT NULL OR state = 'closed' THEN
            RAISE EXCEPTION 'what was shared, or closed, stays'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE TABLE applicant (
    number character varying NOT NULL,
    name character varying,
    email character varying,
    phone character varying,
    consent_on date NOT NULL,
    delete_on date NOT NULL,
    erased_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_applicant_email_is_lower CHECK (((email) = lower((email)))),
    CONSTRAINT ck_applicant_erased_is_erased CHECK (((erased_on IS NULL) OR (num_nonnulls(email, phone) = 0))),
    CONSTRAINT ck_applicant_name_until_erased CHECK (((erased_on IS NULL) = (name IS NOT NULL)))
);
CREATE TABLE application (
    number character varying NOT NULL,
    applicant_id uuid NOT NULL,
    opening_id uuid NOT NULL,
    origin character varying(32) NOT NULL,
    stage character varying(32) NOT NULL,
    applied_on date NOT NULL,
    ended_on date,
    because character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_application_ended CHECK (((ended_on IS NOT NULL) = ((stage) = ANY ((ARRAY['hired', 'rejected', 'withdrawn']))))),
    CONSTRAINT ck_application_in_order CHECK ((ended_on >= applied_on)),
    CONSTRAINT ck_application_origin CHECK (origin IN ('website', 'job_board', 'referral', 'agency', 'direct')),
    CONSTRAINT ck_application_stage CHECK (stage IN ('applied', 'screening', 'interview', 'offer', 'hired', 'rejected', 'withdrawn'))
);
CREATE TABLE application_move (
    application_id uuid NOT NULL,
    before character varying NOT NULL,
    after character varying NOT NULL,
    moved_on date NOT NULL,
    moved_by character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_application_move_moves CHECK (((before) <> (after)))
);
CREATE TABLE interview (
    number character varying NOT NULL,
    application_id uuid NOT NULL,
    day date NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE interview_seat (
    interview_id uuid NOT NULL,
    application_id uuid NOT NULL,
    interviewer_id uuid NOT NULL,
    wrote_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE job_offer (
    number character varying NOT NULL,
    application_id uuid NOT NULL,
    pay_minor bigint NOT NULL,
    currency character varying NOT NULL,
    pay_period character varying(32) NOT NULL,
    starts_on date NOT NULL,
    contract character varying(32) NOT NULL,
    ends_on date,
    hours_share numeric(5,4) NOT NULL,
    state character varying(32) NOT NULL,
    proposed_by character varying NOT NULL,
    proposed_on date NOT NULL,
    decided_by character varying,
    answered_on date,
    employee_id uuid,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_job_offer_answered CHECK (((answered_on IS NOT NULL) = ((state) = ANY ((ARRAY['accepted', 'declined']))))),
    CONSTRAINT ck_job_offer_contract CHECK (contract IN ('permanent', 'fixed_term', 'trainee', 'temporary')),
    CONSTRAINT ck_job_offer_decided CHECK ((((state) = 'proposed') OR (decided_by IS NOT NULL))),
    CONSTRAINT ck_job_offer_decided_by_another CHECK (((decided_by) <> (proposed_by))),
    CONSTRAINT ck_job_offer_ends_after_start CHECK ((ends_on >= starts_on)),
    CONSTRAINT ck_job_offer_hired CHECK ((((state) = 'accepted') = (employee_id IS NOT NULL))),
    CONSTRAINT ck_job_offer_hours_share CHECK (((hours_share > (0)::numeric) AND (hours_share <= (1)::numeric))),
    CONSTRAINT ck_job_offer_offerstate CHECK (state IN ('proposed', 'approved', 'refused', 'accepted', 'declined')),
    CONSTRAINT ck_job_offer_pay_positive CHECK ((pay_minor > 0)),
    CONSTRAINT ck_job_offer_payperiod CHECK (pay_period IN ('hour', 'month', 'year')),
    CONSTRAINT ck_job_offer_term_is_fixed CHECK ((((contract) <> 'fixed_term') OR (ends_on IS NOT NULL)))
);
CREATE TABLE job_opening (
    number character varying NOT NULL,
    title character varying NOT NULL,
    department_id uuid NOT NULL,
    manager_id uuid NOT NULL,
    headcount integer NOT NULL,
    state character varying(32) NOT NULL,
    asked_by character varying NOT NULL,
    asked_on date NOT NULL,
    decided_by character varying,
    opened_on date,
    closed_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_job_opening_closed CHECK (((closed_on IS NOT NULL) = ((state) = ANY ((ARRAY['filled', 'closed']))))),
    CONSTRAINT ck_job_opening_decided CHECK ((((state) = 'asked') OR (decided_by IS NOT NULL))),
    CONSTRAINT ck_job_opening_decided_by_another CHECK (((decided_by) <> (asked_by))),
    CONSTRAINT ck_job_opening_headcount CHECK (((headcount >= 1) AND (headcount <= 1000))),
    CONSTRAINT ck_job_opening_in_order CHECK ((closed_on >= opened_on)),
    CONSTRAINT ck_job_opening_opened CHECK (((opened_on IS NOT NULL) = ((state) = ANY ((ARRAY['open', 'filled', 'closed']))))),
    CONSTRAINT ck_job_opening_openingstate CHECK (state IN ('asked', 'open', 'refused', 'filled', 'closed'))
);
CREATE TABLE review (
    number character varying NOT NULL,
    cycle_id uuid CONSTRAINT review_cycle_id_not_null1 NOT NULL,
    employee_id uuid NOT NULL,
    reviewer_id uuid NOT NULL,
    shared_on date,
    score numeric(4,2),
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_review_reviewer_is_another CHECK ((reviewer_id <> employee_id)),
    CONSTRAINT ck_review_score_is_shared CHECK (((score IS NOT NULL) = (shared_on IS NOT NULL)))
);
CREATE TABLE review_cycle (
    number character varying NOT NULL,
    name character varying NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    state character varying(32) NOT NULL,
    closed_on date,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_review_cycle_closed CHECK (((closed_on IS NOT NULL) = ((state) = 'closed'))),
    CONSTRAINT ck_review_cycle_cyclestate CHECK (state IN ('open', 'closed')),
    CONSTRAINT ck_review_cycle_in_order CHECK ((ends_on >= starts_on))
);
CREATE TABLE review_feedback (
    review_id uuid NOT NULL,
    text character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE review_feedback_author (
    feedback_id uuid NOT NULL,
    review_id uuid NOT NULL,
    author_id uuid NOT NULL,
    is_open boolean NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE review_goal (
    review_id uuid NOT NULL,
    "position" integer NOT NULL,
    title character varying NOT NULL,
    weight integer NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_review_goal_weight CHECK (((weight >= 1) AND (weight <= 100)))
);
CREATE TABLE review_rating (
    goal_id uuid NOT NULL,
    review_id uuid NOT NULL,
    side character varying(32) NOT NULL,
    score integer NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_review_rating_score CHECK (((score >= 1) AND (score <= 5))),
    CONSTRAINT ck_review_rating_side CHECK (side IN ('by_oneself', 'by_manager'))
);
CREATE TABLE review_text (
    review_id uuid NOT NULL,
    side character varying(32) NOT NULL,
    text character varying NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_review_text_side CHECK (side IN ('by_oneself', 'by_manager'))
);
CREATE TABLE scorecard (
    interview_id uuid NOT NULL,
    application_id uuid NOT NULL,
    interviewer_id uuid NOT NULL,
    score integer NOT NULL,
    advice character varying(32) NOT NULL,
    notes character varying,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_scorecard_advice CHECK (advice IN ('strong_no', 'advise_no', 'advise_yes', 'strong_yes')),
    CONSTRAINT ck_scorecard_score CHECK (((score >= 1) AND (score <= 5)))
);
ALTER TABLE ONLY applicant
    ADD CONSTRAINT pk_applicant PRIMARY KEY (id);
ALTER TABLE ONLY applicant
    ADD CONSTRAINT uq_applicant_number UNIQUE (number);
ALTER TABLE ONLY application
    ADD CONSTRAINT pk_application PRIMARY KEY (id);
ALTER TABLE ONLY application
    ADD CONSTRAINT uq_application_applicant_id_opening_id UNIQUE (applicant_id, opening_id);
ALTER TABLE ONLY application
    ADD CONSTRAINT uq_application_number UNIQUE (number);
ALTER TABLE ONLY application_move
    ADD CONSTRAINT pk_application_move PRIMARY KEY (id);
ALTER TABLE ONLY interview
    ADD CONSTRAINT pk_interview PRIMARY KEY (id);
ALTER TABLE ONLY interview
    ADD CONSTRAINT uq_interview_id_application_id UNIQUE (id, application_id);
ALTER TABLE ONLY interview
    ADD CONSTRAINT uq_interview_number UNIQUE (number);
ALTER TABLE ONLY interview_seat
    ADD CONSTRAINT pk_interview_seat PRIMARY KEY (id);
ALTER TABLE ONLY interview_seat
    ADD CONSTRAINT uq_interview_seat_interview_id_interviewer_id UNIQUE (interview_id, interviewer_id);
ALTER TABLE ONLY job_offer
    ADD CONSTRAINT pk_job_offer PRIMARY KEY (id);
ALTER TABLE ONLY job_offer
    ADD CONSTRAINT uq_job_offer_employee_id UNIQUE (employee_id);
ALTER TABLE ONLY job_offer
    ADD CONSTRAINT uq_job_offer_number UNIQUE (number);
ALTER TABLE ONLY job_opening
    ADD CONSTRAINT pk_job_opening PRIMARY KEY (id);
ALTER TABLE ONLY job_opening
    ADD CONSTRAINT uq_job_opening_number UNIQUE (number);
ALTER TABLE ONLY review
    ADD CONSTRAINT pk_review PRIMARY KEY (id);
ALTER TABLE ONLY review
    ADD CONSTRAINT uq_review_cycle_id_employee_id UNIQUE (cycle_id, employee_id);
ALTER TABLE ONLY review
    ADD CONSTRAINT uq_review_number UNIQUE (number);
ALTER TABLE ONLY review_cycle
    ADD CONSTRAINT pk_review_cycle PRIMARY KEY (id);
ALTER TABLE ONLY review_cycle
    ADD CONSTRAINT uq_review_cycle_number UNIQUE (number);
ALTER TABLE ONLY review_feedback
    ADD CONSTRAINT pk_review_feedback PRIMARY KEY (id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT pk_review_feedback_author PRIMARY KEY (id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT uq_review_feedback_author_feedback_id UNIQUE (feedback_id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT uq_review_feedback_author_review_id_author_id UNIQUE (review_id, author_id);
ALTER TABLE ONLY review_goal
    ADD CONSTRAINT pk_review_goal PRIMARY KEY (id);
ALTER TABLE ONLY review_goal
    ADD CONSTRAINT uq_review_goal_id_review_id UNIQUE (id, review_id);
ALTER TABLE ONLY review_goal
    ADD CONSTRAINT uq_review_goal_review_id_position UNIQUE (review_id, "position");
ALTER TABLE ONLY review_rating
    ADD CONSTRAINT pk_review_rating PRIMARY KEY (id);
ALTER TABLE ONLY review_rating
    ADD CONSTRAINT uq_review_rating_goal_id_side UNIQUE (goal_id, side);
ALTER TABLE ONLY review_text
    ADD CONSTRAINT pk_review_text PRIMARY KEY (id);
ALTER TABLE ONLY review_text
    ADD CONSTRAINT uq_review_text_review_id_side UNIQUE (review_id, side);
ALTER TABLE ONLY scorecard
    ADD CONSTRAINT pk_scorecard PRIMARY KEY (id);
ALTER TABLE ONLY scorecard
    ADD CONSTRAINT uq_scorecard_interview_id_interviewer_id UNIQUE (interview_id, interviewer_id);
ALTER TABLE ONLY application
    ADD CONSTRAINT fk_application_applicant_id FOREIGN KEY (applicant_id) REFERENCES applicant(id);
ALTER TABLE ONLY application
    ADD CONSTRAINT fk_application_opening_id FOREIGN KEY (opening_id) REFERENCES job_opening(id);
ALTER TABLE ONLY application_move
    ADD CONSTRAINT fk_application_move_application_id FOREIGN KEY (application_id) REFERENCES application(id);
ALTER TABLE ONLY interview
    ADD CONSTRAINT fk_interview_application_id FOREIGN KEY (application_id) REFERENCES application(id);
ALTER TABLE ONLY interview_seat
    ADD CONSTRAINT fk_interview_seat_interview_id_application_id FOREIGN KEY (interview_id, application_id) REFERENCES interview(id, application_id);
ALTER TABLE ONLY interview_seat
    ADD CONSTRAINT fk_interview_seat_interviewer_id FOREIGN KEY (interviewer_id) REFERENCES employee(id);
ALTER TABLE ONLY job_offer
    ADD CONSTRAINT fk_job_offer_application_id FOREIGN KEY (application_id) REFERENCES application(id);
ALTER TABLE ONLY job_offer
    ADD CONSTRAINT fk_job_offer_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE ONLY job_opening
    ADD CONSTRAINT fk_job_opening_department_id FOREIGN KEY (department_id) REFERENCES department(id);
ALTER TABLE ONLY job_opening
    ADD CONSTRAINT fk_job_opening_manager_id FOREIGN KEY (manager_id) REFERENCES employee(id);
ALTER TABLE ONLY review
    ADD CONSTRAINT fk_review_cycle_id FOREIGN KEY (cycle_id) REFERENCES review_cycle(id);
ALTER TABLE ONLY review
    ADD CONSTRAINT fk_review_employee_id FOREIGN KEY (employee_id) REFERENCES employee(id);
ALTER TABLE ONLY review
    ADD CONSTRAINT fk_review_reviewer_id FOREIGN KEY (reviewer_id) REFERENCES employee(id);
ALTER TABLE ONLY review_feedback
    ADD CONSTRAINT fk_review_feedback_review_id FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT fk_review_feedback_author_author_id FOREIGN KEY (author_id) REFERENCES employee(id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT fk_review_feedback_author_feedback_id FOREIGN KEY (feedback_id) REFERENCES review_feedback(id);
ALTER TABLE ONLY review_feedback_author
    ADD CONSTRAINT fk_review_feedback_author_review_id FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE ONLY review_goal
    ADD CONSTRAINT fk_review_goal_review_id FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE ONLY review_rating
    ADD CONSTRAINT fk_review_rating_goal_id_review_id FOREIGN KEY (goal_id, review_id) REFERENCES review_goal(id, review_id);
ALTER TABLE ONLY review_text
    ADD CONSTRAINT fk_review_text_review_id FOREIGN KEY (review_id) REFERENCES review(id);
ALTER TABLE ONLY scorecard
    ADD CONSTRAINT fk_scorecard_application_id FOREIGN KEY (application_id) REFERENCES application(id);
ALTER TABLE ONLY scorecard
    ADD CONSTRAINT fk_scorecard_interview_id_interviewer_id FOREIGN KEY (interview_id, interviewer_id) REFERENCES interview_seat(interview_id, interviewer_id);
CREATE INDEX ix_applicant_delete_on ON applicant USING btree (delete_on);
CREATE INDEX ix_application_move_application_id ON application_move USING btree (application_id);
CREATE INDEX ix_application_opening_id ON application USING btree (opening_id);
CREATE INDEX ix_application_stage ON application USING btree (stage);
CREATE INDEX ix_interview_application_id ON interview USING btree (application_id);
CREATE INDEX ix_interview_day ON interview USING btree (day);
CREATE INDEX ix_interview_seat_interviewer_id ON interview_seat USING btree (interviewer_id);
CREATE INDEX ix_job_offer_application_id ON job_offer USING btree (application_id);
CREATE INDEX ix_job_offer_state ON job_offer USING btree (state);
CREATE INDEX ix_job_opening_department_id ON job_opening USING btree (department_id);
CREATE INDEX ix_job_opening_manager_id ON job_opening USING btree (manager_id);
CREATE INDEX ix_job_opening_state ON job_opening USING btree (state);
CREATE INDEX ix_review_cycle_state ON review_cycle USING btree (state);
CREATE INDEX ix_review_employee_id ON review USING btree (employee_id);
CREATE INDEX ix_review_feedback_author_author_id ON review_feedback_author USING btree (author_id);
CREATE INDEX ix_review_feedback_review_id ON review_feedback USING btree (review_id);
CREATE INDEX ix_review_rating_review_id ON review_rating USING btree (review_id);
CREATE INDEX ix_review_reviewer_id ON review USING btree (reviewer_id);
CREATE INDEX ix_scorecard_application_id ON scorecard USING btree (application_id);
CREATE UNIQUE INDEX uq_applicant_email ON applicant USING btree (email) WHERE (email IS NOT NULL);
CREATE UNIQUE INDEX uq_job_offer_live ON job_offer USING btree (application_id) WHERE ((state) = ANY ((ARRAY['proposed', 'approved', 'accepted'])));
ALTER TABLE applicant ENABLE ROW LEVEL SECURITY;
ALTER TABLE application ENABLE ROW LEVEL SECURITY;
ALTER TABLE application_move ENABLE ROW LEVEL SECURITY;
ALTER TABLE interview ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE review ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_feedback_author ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_goal ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_rating ENABLE ROW LEVEL SECURITY;
ALTER TABLE review_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE scorecard ENABLE ROW LEVEL SECURITY;
CREATE POLICY theirs_to_see ON applicant FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin', 'hr', 'manager', 'system']) AS reads_as) OR (id IN ( SELECT application.applicant_id
   FROM application))));
CREATE POLICY theirs_to_see ON application FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['admin', 'hr', 'manager', 'system']) AS reads_as) OR (opening_id IN ( SELECT job_opening.id
   FROM job_opening
  WHERE (job_opening.manager_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))) OR (id IN ( SELECT interview_seat.application_id
   FROM interview_seat
  WHERE (interview_seat.interviewer_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))))));
CREATE POLICY theirs_to_see ON application_move FOR SELECT USING ((application_id IN ( SELECT application.id
   FROM application)));
CREATE POLICY theirs_to_see ON interview FOR SELECT USING ((application_id IN ( SELECT application.id
   FROM application)));
CREATE POLICY theirs_to_see ON job_offer FOR SELECT USING (( SELECT reads_as(VARIADIC ARRAY['admin', 'auditor', 'hr', 'manager', 'system']) AS reads_as));
CREATE POLICY theirs_to_see ON review FOR SELECT USING ((( SELECT reads_as(VARIADIC ARRAY['hr', 'system']) AS reads_as) OR (employee_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) OR (employee_id IN ( SELECT employees_below(( SELECT reading_party() AS reading_party)) AS employees_below)) OR (reviewer_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))));
CREATE POLICY theirs_to_see ON review_feedback FOR SELECT USING (((review_id IN ( SELECT review.id
   FROM review
  WHERE ((review.shared_on IS NOT NULL) OR (NOT (review.employee_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))))) OR (id IN ( SELECT review_feedback_author.feedback_id
   FROM review_feedback_author
  WHERE (review_feedback_author.author_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))))));
CREATE POLICY theirs_to_see ON review_feedback_author FOR SELECT USING (((author_id IN ( SELECT employee.id
   FROM employee
  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) OR (review_id IN ( SELECT review.id
   FROM review
  WHERE (NOT (review.employee_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party))))))) OR (is_open AND (review_id IN ( SELECT review.id
   FROM review
  WHERE (review.shared_on IS NOT NULL))))));
CREATE POLICY theirs_to_see ON review_goal FOR SELECT USING ((review_id IN ( SELECT review.id
   FROM review)));
CREATE POLICY theirs_to_see ON review_rating FOR SELECT USING (((review_id IN ( SELECT review.id
   FROM review
  WHERE ((review.shared_on IS NOT NULL) OR (NOT (review.employee_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))))) OR (((side) = 'by_oneself') AND (review_id IN ( SELECT review.id
   FROM review)))));
CREATE POLICY theirs_to_see ON review_text FOR SELECT USING (((review_id IN ( SELECT review.id
   FROM review
  WHERE ((review.shared_on IS NOT NULL) OR (NOT (review.employee_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))))) OR (((side) = 'by_oneself') AND (review_id IN ( SELECT review.id
   FROM review)))));
CREATE POLICY theirs_to_see ON scorecard FOR SELECT USING (((NOT (interview_id IN ( SELECT interview_seat.interview_id
   FROM interview_seat
  WHERE ((interview_seat.interviewer_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))) AND (interview_seat.wrote_on IS NULL))))) AND (( SELECT reads_as(VARIADIC ARRAY['admin', 'hr', 'manager', 'system']) AS reads_as) OR (interview_id IN ( SELECT interview_seat.interview_id
   FROM interview_seat
  WHERE (interview_seat.interviewer_id IN ( SELECT employee.id
           FROM employee
          WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))) OR (application_id IN ( SELECT application.id
   FROM application
  WHERE (application.opening_id IN ( SELECT job_opening.id
           FROM job_opening
          WHERE (job_opening.manager_id IN ( SELECT employee.id
                   FROM employee
                  WHERE (employee.party_id = ( SELECT reading_party() AS reading_party)))))))))));
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON application_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER hold_headcount AFTER INSERT OR UPDATE ON job_offer FOR EACH ROW EXECUTE FUNCTION hold_headcount();
CREATE TRIGGER keep_closed BEFORE DELETE OR UPDATE ON review_cycle FOR EACH ROW EXECUTE FUNCTION keep_closed_cycle();
CREATE TRIGGER keep_review BEFORE INSERT OR DELETE OR UPDATE ON review FOR EACH ROW EXECUTE FUNCTION keep_review();
CREATE TRIGGER keep_shared BEFORE INSERT OR DELETE OR UPDATE ON review_feedback FOR EACH ROW EXECUTE FUNCTION keep_shared_review();
CREATE TRIGGER keep_shared BEFORE INSERT OR DELETE OR UPDATE ON review_feedback_author FOR EACH ROW EXECUTE FUNCTION keep_shared_review();
CREATE TRIGGER keep_shared BEFORE INSERT OR DELETE OR UPDATE ON review_goal FOR EACH ROW EXECUTE FUNCTION keep_shared_review();
CREATE TRIGGER keep_shared BEFORE INSERT OR DELETE OR UPDATE ON review_rating FOR EACH ROW EXECUTE FUNCTION keep_shared_review();
CREATE TRIGGER keep_shared BEFORE INSERT OR DELETE OR UPDATE ON review_text FOR EACH ROW EXECUTE FUNCTION keep_shared_review();
