"""Invariant 5 in the database: a proposal is decided by its steps, each in its decider's own name.

A charity reads the proposals that name it and changes none. Decided proposals stay as they are,
and nobody writes a step for somebody else or names another proposer to approve his own proposal.
"""

from django.db import migrations

from kernel.row_security import (
    any_of,
    append_only,
    in_organisation,
    in_region,
    is_actor,
    split_policy,
)

SEEN = any_of(in_region(), in_organisation())
OF_ITS_NEED = (
    f"({in_region()}"
    " AND EXISTS (SELECT 1 FROM households_need n WHERE n.id = matching_proposal.need_id"
    " AND n.household_id = matching_proposal.household_id"
    " AND n.region_id = matching_proposal.region_id))"
)
OWN_STEP = (
    f"({in_region()} AND {is_actor('decided_by')}"
    " AND EXISTS (SELECT 1 FROM matching_proposal p"
    " WHERE p.id = matching_approvalstep.proposal_id"
    " AND p.proposed_by = matching_approvalstep.proposed_by"
    " AND p.region_id = matching_approvalstep.region_id"
    " AND p.step = matching_approvalstep.position))"
)

KEEP = """
CREATE FUNCTION matching_proposal_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'proposals are not deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.step <> 0 OR NEW.promise_id IS NOT NULL THEN
            RAISE EXCEPTION 'a proposal starts undecided' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('approved', 'rejected', 'replaced') THEN
        RAISE EXCEPTION 'a proposal that is % stays so', OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.run_id, NEW.need_id, NEW.household_id, NEW.project_id, NEW.organisation_id,
        NEW.region_id, NEW.granted_fen, NEW.proposed_by)
       IS DISTINCT FROM
       (OLD.id, OLD.run_id, OLD.need_id, OLD.household_id, OLD.project_id, OLD.organisation_id,
        OLD.region_id, OLD.granted_fen, OLD.proposed_by) THEN
        RAISE EXCEPTION 'a proposal keeps its need, project, amount and proposer'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.step <> (SELECT count(*) FROM matching_approvalstep s
                     WHERE s.proposal_id = NEW.id AND s.decision = 'approve')
       OR (NEW.state = 'approved' AND NEW.step = 0)
       OR (NEW.state = 'rejected' AND NOT EXISTS (
               SELECT FROM matching_approvalstep s
                WHERE s.proposal_id = NEW.id AND s.decision = 'reject')) THEN
        RAISE EXCEPTION 'a proposal is decided by its steps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON matching_proposal
    FOR EACH ROW EXECUTE FUNCTION matching_proposal_keep();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0004_alter_proposal_state"),
        ("households", "0003_readers_are_not_writers"),
    ]
    operations = [
        migrations.RunSQL(
            *split_policy(
                "matching_proposal",
                read=SEEN,
                write=in_region(),
                check=OF_ITS_NEED,
                before=(SEEN, SEEN),
            )
        ),
        migrations.RunSQL(
            "DROP POLICY scope ON matching_approvalstep;"
            f"CREATE POLICY readers ON matching_approvalstep FOR SELECT USING ({in_region()});"
            f"CREATE POLICY deciders ON matching_approvalstep FOR INSERT WITH CHECK ({OWN_STEP});",
            "DROP POLICY deciders ON matching_approvalstep;"
            "DROP POLICY readers ON matching_approvalstep;"
            f"CREATE POLICY scope ON matching_approvalstep USING ({in_region()});",
        ),
        migrations.RunSQL(*append_only("matching_approvalstep", "审批步骤只能追加")),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER keep ON matching_proposal; DROP FUNCTION matching_proposal_keep();",
        ),
    ]
