"""SQL for row-level security, written once: the second net under the scoped selectors.

Three settings describe the actor of a transaction: ``app.actor_id``, ``app.region_paths`` (comma
separated) and ``app.organisation_ids``. Unset or empty means: sees nothing.
"""

_PATHS = "string_to_array(nullif(current_setting('app.region_paths', true), ''), ',')"
_ORGANISATIONS = "string_to_array(nullif(current_setting('app.organisation_ids', true), ''), ',')"

#: True for system tasks and for whoever is responsible for the whole deployment.
SEES_ALL = f"coalesce('/' = ANY ({_PATHS}), false)"


def in_region(column: str = "region_id") -> str:
    """Return the condition that the row's region lies under one of the actor's."""
    return (
        f"({SEES_ALL} OR {column} IN "
        f"(SELECT code FROM regions_region WHERE path ^@ ANY ({_PATHS})))"
    )


def in_organisation(column: str = "organisation_id") -> str:
    """Return the condition that the row belongs to one of the actor's organisations."""
    return f"({column}::text = ANY ({_ORGANISATIONS}))"


def is_actor(column: str) -> str:
    """Return the condition that the row belongs to the actor himself."""
    return f"({column}::text = nullif(current_setting('app.actor_id', true), ''))"


def any_of(*conditions: str) -> str:
    """Return the conditions joined by OR, each guarded against NULL."""
    return "(" + " OR ".join(f"coalesce({c}, false)" for c in conditions) + ")"


def row_policy(
    table: str, using: str, *, check: str | None = None, name: str = "scope"
) -> tuple[str, str]:
    """Return (forward, reverse) SQL that forces row-level security on ``table``.

    ``using`` says which rows are seen and changed; ``check`` which may be written (same if None).
    """
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY {name} ON {table} USING ({using}) WITH CHECK ({check or using});",
        f"DROP POLICY {name} ON {table};"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def split_policy(
    table: str, *, read: str, write: str, check: str | None = None, before: tuple[str, str]
) -> tuple[str, str]:
    """Return (forward, reverse) SQL that parts the readers of ``table`` from its writers.

    A policy without FOR lets every reader also change and delete the rows he sees. ``before`` is
    the (using, check) of the policy ``scope`` that this replaces.
    """
    return (
        f"DROP POLICY scope ON {table};"
        f"CREATE POLICY readers ON {table} FOR SELECT USING ({read});"
        f"CREATE POLICY scope ON {table} USING ({write}) WITH CHECK ({check or write});",
        f"DROP POLICY readers ON {table}; DROP POLICY scope ON {table};"
        f"CREATE POLICY scope ON {table} USING ({before[0]}) WITH CHECK ({before[1]});",
    )


def append_only(table: str, reason: str) -> tuple[str, str]:
    """Return (forward, reverse) SQL that refuses UPDATE and DELETE on ``table`` for every role."""
    function = f"{table}_append_only"
    return (
        f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{reason}' USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {function}();
        CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {function}();
        """,
        f"DROP TRIGGER no_truncate ON {table}; DROP TRIGGER append_only ON {table};"
        f"DROP FUNCTION {function}();",
    )


def owned_by_guard(signature: str) -> str:
    """Return SQL that gives a function to the guard role, which sees every row.

    ``signature`` is ``name(argument types)``. Such a function is SECURITY DEFINER with a pinned
    ``search_path`` and returns sums and codes, never rows. Under row-level security a summing
    trigger sees only the caller's rows: it accepted 140 on a net of 100.
    """
    return (
        "DO $$ BEGIN EXECUTE format('ALTER FUNCTION %s OWNER TO %I',"
        f" '{signature}', current_database() || '_guard'); END $$;"
    )
