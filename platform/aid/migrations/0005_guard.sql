-- The guard of the aid ledger: invariants 1, 2 and the aid half of 4 (docs/adr and domain.md 5).
--
-- Functions marked SECURITY DEFINER are given to the guard role, which row-level security does not
-- bind: a sum taken as the caller would see only the caller's rows. They give away codes and what
-- is left, never rows. Every refusal is SQLSTATE P1798 with a JSON detail: code, asked, residual.
--
-- Terms, per need, in fen and likewise in quantity:
--   active = promised - released + reported - reversed (of reported facts)
--   paid   = payments - reversed (of payments); it draws on a promise and adds nothing to active
-- A reversal names a payment or a reported fact and totals at most its amount. A promise is taken
-- back by a release, at most what is neither paid nor released. Taking back a payment opens the
-- promise again. A release or a reversal is itself final: the way back is a new promise.

CREATE FUNCTION aid_refuse(
    code text, asked_fen numeric DEFAULT 0, residual_fen numeric DEFAULT 0,
    asked_quantity numeric DEFAULT 0, residual_quantity numeric DEFAULT 0
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'P1798',
        MESSAGE = format('aid refused: %s', code),
        DETAIL = json_build_object(
            'code', code, 'asked_fen', asked_fen, 'residual_fen', residual_fen,
            'asked_quantity', asked_quantity, 'residual_quantity', residual_quantity)::text;
END $$;

-- Locks the lineage roots of the needs' households in key order, then the needs in key order.
-- FOR NO KEY UPDATE excludes other guards and changes of the net, and lets foreign-key checks by:
-- with FOR UPDATE two that promise on one household and add a need to the other's would deadlock.
CREATE FUNCTION aid_lock_needs(needs uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM households_household h
     WHERE h.id IN (SELECT coalesce(o.lineage_root_id, o.id)
                      FROM households_need n JOIN households_household o ON o.id = n.household_id
                     WHERE n.id = ANY (needs))
     ORDER BY h.id FOR NO KEY UPDATE;
    PERFORM 1 FROM households_need n WHERE n.id = ANY (needs) ORDER BY n.id FOR NO KEY UPDATE;
END $$;

-- Sums of one need. VOLATILE: every call takes a new snapshot, so after the lock it sees what the
-- last holder committed.
CREATE FUNCTION aid_totals(
    p_need uuid, OUT active_fen numeric, OUT active_quantity numeric,
    OUT state_fen numeric, OUT state_quantity numeric
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT coalesce(sum(s.sign * e.amount_fen), 0),
           coalesce(sum(s.sign * e.quantity), 0),
           coalesce(sum(s.sign * e.amount_fen) FILTER (WHERE s.is_state), 0),
           coalesce(sum(s.sign * e.quantity) FILTER (WHERE s.is_state), 0)
      INTO active_fen, active_quantity, state_fen, state_quantity
      FROM aid_aidentry e
      LEFT JOIN aid_aidentry o ON e.kind = 'reversal' AND o.id = e.of_entry_id
     CROSS JOIN LATERAL (
            SELECT CASE WHEN e.kind IN ('promise', 'reported') THEN 1 ELSE -1 END AS sign,
                   e.layer IN ('insurance', 'government', 'reserve') AS is_state) s
     WHERE e.need_id = p_need
       AND (e.kind IN ('promise', 'release', 'reported')
            OR (e.kind = 'reversal' AND o.kind = 'reported'));
END $$;

-- What one promise has left: neither paid nor released.
CREATE FUNCTION aid_unpaid(p_promise aid_aidentry, OUT fen numeric, OUT quantity numeric,
                           OUT paid_fen numeric, OUT paid_quantity numeric)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    released_fen numeric;
    released_quantity numeric;
BEGIN
    SELECT coalesce(sum(p.amount_fen), 0) - coalesce(sum(r.amount_fen), 0),
           coalesce(sum(p.quantity), 0) - coalesce(sum(r.quantity), 0)
      INTO paid_fen, paid_quantity
      FROM aid_aidentry p
      LEFT JOIN LATERAL (SELECT sum(x.amount_fen) AS amount_fen, sum(x.quantity) AS quantity
                           FROM aid_aidentry x
                          WHERE x.of_entry_id = p.id AND x.kind = 'reversal') r ON true
     WHERE p.of_entry_id = p_promise.id AND p.kind = 'payment';
    SELECT coalesce(sum(x.amount_fen), 0), coalesce(sum(x.quantity), 0)
      INTO released_fen, released_quantity
      FROM aid_aidentry x WHERE x.of_entry_id = p_promise.id AND x.kind = 'release';
    fen := p_promise.amount_fen - released_fen - paid_fen;
    quantity := p_promise.quantity - released_quantity - paid_quantity;
END $$;

-- The limit in force in the narrowest region that has one; none known means 0: nothing passes.
CREATE FUNCTION aid_limit(p_region text, p_key text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN coalesce((
        SELECT g.value_fen
          FROM regions_region n
          JOIN regions_region r ON n.path ^@ r.path
          JOIN aid_guardlimit g ON g.region_id = r.code
         WHERE n.code = p_region AND g.key = p_key
         ORDER BY length(r.path) DESC LIMIT 1), 0);
END $$;

-- Judges a commanded promise; the trigger and the dry check both ask here. No lock is taken.
-- code: NULL passes; O-14 passes and opens a finding; anything else is refused.
CREATE FUNCTION aid_judge(
    p_need households_need, p_layer text, p_fen bigint, p_quantity bigint,
    p_advance boolean, p_small_gift boolean,
    OUT code text, OUT residual_fen numeric, OUT residual_quantity numeric, OUT state_fen numeric
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    t record;
    is_state boolean := coalesce(p_layer IN ('insurance', 'government', 'reserve'), false);
    by_quantity boolean := coalesce(p_quantity > 0, false) AND p_need.net_quantity IS NOT NULL;
BEGIN
    SELECT * INTO t FROM aid_totals(p_need.id);
    state_fen := t.state_fen;
    -- greatest() skips NULL: an unknown net must come out as nothing left, not as unbounded.
    residual_fen := greatest(p_need.net_fen - t.active_fen, 0);
    residual_quantity := greatest(p_need.net_quantity - t.active_quantity, 0);
    IF coalesce(p_need.state IN ('withdrawn', 'expired'), true) THEN
        code := 'need_closed';
        residual_fen := 0;
        residual_quantity := 0;
    ELSIF is_state THEN
        IF t.active_fen + p_fen > p_need.net_fen
           OR t.active_quantity + p_quantity > p_need.net_quantity THEN
            code := 'O-14';
        END IF;
    ELSIF p_need.net_fen IS NOT NULL THEN
        IF p_fen > residual_fen OR (by_quantity AND p_quantity > residual_quantity) THEN
            code := 'O-03';
        ELSIF NOT by_quantity AND coalesce(p_fen, 0) <= 0 THEN
            code := 'O-13';  -- goods without a value on a need assessed in money
        END IF;
    ELSIF by_quantity THEN
        -- Assessed in kind only: counted by quantity; the amount is the goods' stated value.
        IF p_quantity > residual_quantity THEN
            code := 'O-03';
        END IF;
    ELSE
        -- Nothing assessed: all commanded aid of society before assessment, together, stays
        -- within the limit of the new entry's flag.
        residual_fen := CASE
            WHEN coalesce(p_advance, false) THEN
                greatest(aid_limit(p_need.region_id, 'aid.advance_limit_fen')
                         - (t.active_fen - t.state_fen), 0)
            WHEN coalesce(p_small_gift, false) THEN
                greatest(aid_limit(p_need.region_id, 'aid.small_gift_limit_fen')
                         - (t.active_fen - t.state_fen), 0)
            ELSE 0 END;
        IF coalesce(p_fen, 0) <= 0 OR p_fen > residual_fen THEN
            code := CASE
                WHEN coalesce(p_advance, false) THEN 'O-05'
                WHEN coalesce(p_small_gift, false) THEN 'O-13'
                WHEN p_need.purpose IN ('medical', 'rehabilitation') THEN 'O-04'
                ELSE 'O-13' END;
        END IF;
    END IF;
END $$;

-- A reported fact is written by the exchange role alone. Not SECURITY DEFINER: it asks who calls.
CREATE FUNCTION aid_reported_by_exchange() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.kind = 'reported' AND current_user <> current_database() || '_exchange' THEN
        PERFORM aid_refuse('exchange_only', NEW.amount_fen);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION aid_entry_guard() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    need households_need;
    origin aid_aidentry;
    verdict record;
    totals record;
    unpaid record;
    reversed record;
    excess_fen numeric;
    excess_quantity numeric;
    is_state boolean := coalesce(NEW.layer IN ('insurance', 'government', 'reserve'), false);
BEGIN
    -- Under repeatable read the sums would come from a snapshot taken before the lock.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM aid_refuse('isolation', NEW.amount_fen);
    END IF;
    IF coalesce(NEW.source_reference ~ '^\s*$', true) THEN
        PERFORM aid_refuse('no_reference', NEW.amount_fen);
    END IF;
    IF coalesce(isempty(NEW.period), true) THEN
        PERFORM aid_refuse('no_period', NEW.amount_fen);
    END IF;
    PERFORM aid_lock_needs(ARRAY[NEW.need_id]);
    SELECT * INTO need FROM households_need n WHERE n.id = NEW.need_id;
    IF NOT FOUND
       OR NEW.household_id IS DISTINCT FROM need.household_id
       OR NEW.region_id IS DISTINCT FROM need.region_id
       OR (need.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM need.person_id)
       OR (NEW.person_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM households_member m
                WHERE m.household_id = NEW.household_id AND m.person_id = NEW.person_id)
           AND NEW.person_id IS DISTINCT FROM need.person_id) THEN
        PERFORM aid_refuse('mismatch', NEW.amount_fen);
    END IF;

    IF NEW.kind = 'promise' THEN
        -- Society's money must not pass for the state's, which nobody limits.
        IF is_state AND EXISTS (SELECT FROM organisations_organisation o
                                 WHERE o.id = NEW.organisation_id
                                   AND o.kind IN ('charity', 'branch', 'enterprise', 'school')) THEN
            PERFORM aid_refuse('layer', NEW.amount_fen);
        END IF;
        -- O-01. Entries in kind and gifts of individuals repeat rightly (two donors, one item or
        -- sum each); repeated money of one organisation is payments on one promise.
        IF NEW.quantity = 0 AND NEW.layer <> 'individual' AND EXISTS (
               SELECT FROM aid_aidentry e
                WHERE e.need_id = NEW.need_id AND e.kind = 'promise' AND e.quantity = 0
                  AND e.layer <> 'individual'
                  AND e.organisation_id = NEW.organisation_id
                  AND e.scheme_id IS NOT DISTINCT FROM NEW.scheme_id
                  AND e.brand_id IS NOT DISTINCT FROM NEW.brand_id
                  AND e.person_id IS NOT DISTINCT FROM NEW.person_id
                  AND e.period = NEW.period AND e.amount_fen = NEW.amount_fen
                  AND e.amount_fen > (SELECT coalesce(sum(x.amount_fen), 0) FROM aid_aidentry x
                                       WHERE x.of_entry_id = e.id AND x.kind = 'release')) THEN
            PERFORM aid_refuse('O-01', NEW.amount_fen);
        END IF;
        IF NEW.person_id IS NULL AND EXISTS (SELECT FROM aid_scheme s
                                              WHERE s.id = NEW.scheme_id AND s.exclusive_kind <> '')
        THEN
            PERFORM aid_refuse('person_required', NEW.amount_fen);
        END IF;
        SELECT * INTO verdict FROM aid_judge(
            need, NEW.layer, NEW.amount_fen, NEW.quantity, NEW.is_advance, NEW.is_small_gift);
        IF verdict.code <> 'O-14' THEN
            PERFORM aid_refuse(verdict.code, NEW.amount_fen, coalesce(verdict.residual_fen, 0),
                               NEW.quantity, coalesce(verdict.residual_quantity, 0));
        END IF;

    ELSIF NEW.kind IN ('payment', 'release', 'reversal') THEN
        SELECT * INTO origin FROM aid_aidentry e WHERE e.id = NEW.of_entry_id;
        IF NOT FOUND
           OR origin.need_id IS DISTINCT FROM NEW.need_id
           OR origin.person_id IS DISTINCT FROM NEW.person_id
           OR origin.organisation_id IS DISTINCT FROM NEW.organisation_id
           OR origin.layer IS DISTINCT FROM NEW.layer
           OR origin.scheme_id IS DISTINCT FROM NEW.scheme_id
           OR origin.brand_id IS DISTINCT FROM NEW.brand_id
           OR (NEW.kind IN ('payment', 'release') AND origin.kind <> 'promise')
           OR (NEW.kind = 'reversal' AND origin.kind NOT IN ('payment', 'reported')) THEN
            PERFORM aid_refuse('mismatch', NEW.amount_fen);
        END IF;
        IF NEW.kind = 'reversal' THEN
            SELECT coalesce(sum(x.amount_fen), 0) AS fen, coalesce(sum(x.quantity), 0) AS quantity
              INTO reversed
              FROM aid_aidentry x WHERE x.of_entry_id = origin.id AND x.kind = 'reversal';
            IF NEW.amount_fen > origin.amount_fen - reversed.fen
               OR NEW.quantity > origin.quantity - reversed.quantity THEN
                PERFORM aid_refuse('over_entry', NEW.amount_fen, origin.amount_fen - reversed.fen,
                                   NEW.quantity, origin.quantity - reversed.quantity);
            END IF;
            RETURN NEW;
        END IF;
        SELECT * INTO unpaid FROM aid_unpaid(origin);
        IF NEW.amount_fen > unpaid.fen OR NEW.quantity > unpaid.quantity THEN
            PERFORM aid_refuse('over_promise', NEW.amount_fen, greatest(unpaid.fen, 0),
                               NEW.quantity, greatest(unpaid.quantity, 0));
        END IF;
        IF NEW.kind = 'payment' AND NOT is_state THEN
            -- Facts that came after the promise (a lower net, aid given elsewhere) cut what may
            -- still be paid: the part of active aid above the net is not paid out.
            SELECT * INTO totals FROM aid_totals(need.id);
            IF need.net_fen IS NULL AND need.net_quantity IS NULL
               AND NOT coalesce(origin.is_advance OR origin.is_small_gift, false) THEN
                PERFORM aid_refuse('O-13', NEW.amount_fen);
            END IF;
            excess_fen := greatest(totals.active_fen - need.net_fen, 0);
            excess_quantity := greatest(totals.active_quantity - need.net_quantity, 0);
            IF (NEW.amount_fen > 0 AND excess_fen > 0 AND NEW.amount_fen > unpaid.fen - excess_fen)
               OR (NEW.quantity > 0 AND excess_quantity > 0
                   AND NEW.quantity > unpaid.quantity - excess_quantity) THEN
                PERFORM aid_refuse('O-03', NEW.amount_fen, greatest(unpaid.fen - excess_fen, 0),
                                   NEW.quantity, greatest(unpaid.quantity - excess_quantity, 0));
            END IF;
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- What an accepted entry brings with it: findings and the period of an exclusive benefit.
CREATE FUNCTION aid_entry_effects() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    need households_need;
    origin aid_aidentry;
    totals record;
    unpaid record;
    benefit text;
    found_code text;
    over_fen numeric;
    over_quantity numeric;
    is_state boolean := coalesce(NEW.layer IN ('insurance', 'government', 'reserve'), false);
BEGIN
    IF NEW.kind NOT IN ('promise', 'reported', 'release') THEN
        RETURN NULL;
    END IF;
    SELECT * INTO need FROM households_need n WHERE n.id = NEW.need_id;

    IF NEW.kind = 'release' THEN
        SELECT * INTO origin FROM aid_aidentry e WHERE e.id = NEW.of_entry_id;
        SELECT * INTO unpaid FROM aid_unpaid(origin);
        IF unpaid.fen = 0 AND unpaid.quantity = 0 THEN
            IF unpaid.paid_fen = 0 AND unpaid.paid_quantity = 0 THEN
                DELETE FROM aid_benefitperiod b WHERE b.entry_id = origin.id;
            ELSE
                UPDATE aid_benefitperiod b
                   SET period = daterange(lower(b.period),
                                          greatest(NEW.effective_on, lower(b.period) + 1))
                 WHERE b.entry_id = origin.id
                   AND (upper(b.period) IS NULL OR upper(b.period) > NEW.effective_on);
            END IF;
        END IF;
        RETURN NULL;
    END IF;

    IF NEW.kind = 'reported' OR is_state THEN
        SELECT * INTO totals FROM aid_totals(NEW.need_id);
        over_fen := totals.active_fen - need.net_fen;
        over_quantity := totals.active_quantity - need.net_quantity;
        IF (NEW.amount_fen > 0 AND over_fen > 0) OR (NEW.quantity > 0 AND over_quantity > 0) THEN
            found_code := CASE WHEN is_state THEN 'O-14' ELSE 'O-03' END;
            INSERT INTO aid_finding (id, code, outcome, need_id, household_id, entry_id, region_id,
                                     amount_fen, evidence, state, resolution)
            VALUES (gen_random_uuid(), found_code,
                    CASE WHEN is_state THEN 'REASON' ELSE 'REPORT' END,
                    need.id, need.household_id, NEW.id, need.region_id,
                    least(NEW.amount_fen, greatest(over_fen, 0)),
                    jsonb_build_object('net_fen', need.net_fen, 'active_fen', totals.active_fen,
                                       'net_quantity', need.net_quantity,
                                       'active_quantity', totals.active_quantity,
                                       'layer', NEW.layer),
                    'open', '');
        END IF;
    END IF;

    SELECT s.exclusive_kind INTO benefit FROM aid_scheme s WHERE s.id = NEW.scheme_id;
    IF coalesce(benefit, '') <> '' AND NEW.person_id IS NOT NULL THEN
        BEGIN
            INSERT INTO aid_benefitperiod (id, entry_id, person_id, exclusive_kind, period, region_id)
            VALUES (gen_random_uuid(), NEW.id, NEW.person_id, benefit, NEW.period, NEW.region_id);
        EXCEPTION WHEN exclusion_violation THEN
            IF NEW.kind = 'promise' THEN
                PERFORM aid_refuse('O-06', NEW.amount_fen);
            END IF;
            -- A fact from elsewhere is kept; what it overlaps with is for somebody to look at.
            INSERT INTO aid_finding (id, code, outcome, need_id, household_id, entry_id, region_id,
                                     amount_fen, evidence, state, resolution)
            VALUES (gen_random_uuid(), 'O-06', 'REPORT', need.id, need.household_id, NEW.id,
                    need.region_id, NEW.amount_fen,
                    jsonb_build_object('exclusive_kind', benefit, 'period', NEW.period::text),
                    'open', '');
        END;
    END IF;
    RETURN NULL;
END $$;

-- A need that aid names stays what it is, and is not closed over aid that is still active: else a
-- second need for the same thing could be opened beside it.
CREATE FUNCTION aid_need_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.household_id, NEW.scope_id, NEW.purpose, NEW.cost_item, NEW.period)
       IS DISTINCT FROM
       (OLD.household_id, OLD.scope_id, OLD.purpose, OLD.cost_item, OLD.period)
       OR NEW.person_id IS DISTINCT FROM OLD.person_id THEN
        IF EXISTS (SELECT FROM aid_aidentry e WHERE e.need_id = OLD.id) THEN
            PERFORM aid_refuse('need_in_use');
        END IF;
    END IF;
    IF NEW.state IN ('withdrawn', 'expired') AND NEW.state IS DISTINCT FROM OLD.state
       AND EXISTS (SELECT FROM aid_totals(OLD.id) t
                    WHERE t.active_fen > 0 OR t.active_quantity > 0) THEN
        PERFORM aid_refuse('need_in_use');
    END IF;
    RETURN NEW;
END $$;

-- Lowering the net below active aid is never refused; the difference is a finding (O-14).
CREATE FUNCTION aid_net_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    totals record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM aid_refuse('isolation');
    END IF;
    SELECT * INTO totals FROM aid_totals(NEW.id);
    IF totals.active_fen > NEW.net_fen OR totals.active_quantity > NEW.net_quantity THEN
        INSERT INTO aid_finding (id, code, outcome, need_id, household_id, entry_id, region_id,
                                 amount_fen, evidence, state, resolution)
        VALUES (gen_random_uuid(), 'O-14', 'REASON', NEW.id, NEW.household_id, NULL, NEW.region_id,
                coalesce(greatest(totals.active_fen - NEW.net_fen, 0), 0),
                jsonb_build_object('net_fen', NEW.net_fen, 'active_fen', totals.active_fen,
                                   'net_quantity', NEW.net_quantity,
                                   'active_quantity', totals.active_quantity,
                                   'net_before_fen', OLD.net_fen),
                'open', '')
        ON CONFLICT (code, need_id, entry_id) DO UPDATE
           SET amount_fen = EXCLUDED.amount_fen, evidence = EXCLUDED.evidence,
               state = 'open', resolution = '', closed_at = NULL, opened_at = now();
    END IF;
    RETURN NULL;
END $$;

-- The dry check before a form is sent: a code and what is left, and nothing else.
CREATE FUNCTION aid_guard_check(
    p_need uuid, p_layer text, p_fen bigint, p_quantity bigint,
    p_advance boolean, p_small_gift boolean,
    OUT code text, OUT residual_fen bigint, OUT residual_quantity bigint
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    need households_need;
    verdict record;
BEGIN
    SELECT * INTO need FROM households_need n WHERE n.id = p_need;
    IF NOT FOUND THEN
        code := 'need_unknown';
        RETURN;
    END IF;
    SELECT * INTO verdict FROM aid_judge(
        need, p_layer, p_fen, p_quantity, p_advance, p_small_gift);
    code := verdict.code;
    residual_fen := verdict.residual_fen;
    residual_quantity := verdict.residual_quantity;
    IF code IS NULL AND verdict.state_fen > 0
       AND p_layer NOT IN ('insurance', 'government', 'reserve') THEN
        code := 'W-01';  -- society fills what the state's aid leaves
    END IF;
END $$;

-- What is left of many needs: NULL where nothing is assessed.
CREATE FUNCTION aid_residuals(needs uuid[])
RETURNS TABLE (need_id uuid, residual_fen bigint, residual_quantity bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT n.id,
           CASE WHEN n.net_fen IS NOT NULL
                THEN greatest(n.net_fen - coalesce(sum(s.sign * e.amount_fen), 0), 0) END::bigint,
           CASE WHEN n.net_quantity IS NOT NULL
                THEN greatest(n.net_quantity - coalesce(sum(s.sign * e.quantity), 0), 0) END::bigint
      FROM households_need n
      LEFT JOIN (aid_aidentry e
                 LEFT JOIN aid_aidentry o ON e.kind = 'reversal' AND o.id = e.of_entry_id)
        ON e.need_id = n.id
       AND (e.kind IN ('promise', 'release', 'reported')
            OR (e.kind = 'reversal' AND o.kind = 'reported'))
     CROSS JOIN LATERAL (
            SELECT CASE WHEN e.kind IN ('promise', 'reported') THEN 1 ELSE -1 END AS sign) s
     WHERE n.id = ANY (needs)
     GROUP BY n.id;
END $$;

CREATE TRIGGER a_reported_by_exchange BEFORE INSERT ON aid_aidentry
    FOR EACH ROW EXECUTE FUNCTION aid_reported_by_exchange();
CREATE TRIGGER b_guard BEFORE INSERT ON aid_aidentry
    FOR EACH ROW EXECUTE FUNCTION aid_entry_guard();
CREATE TRIGGER c_effects AFTER INSERT ON aid_aidentry
    FOR EACH ROW EXECUTE FUNCTION aid_entry_effects();
CREATE TRIGGER aid_kept BEFORE UPDATE ON households_need
    FOR EACH ROW EXECUTE FUNCTION aid_need_kept();
CREATE TRIGGER aid_net_changed AFTER UPDATE ON households_need
    FOR EACH ROW
    WHEN (OLD.net_fen IS DISTINCT FROM NEW.net_fen
          OR OLD.net_quantity IS DISTINCT FROM NEW.net_quantity)
    EXECUTE FUNCTION aid_net_changed();
