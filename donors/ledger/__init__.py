"""The money ledger: double entry, append-only, kept by the database itself."""
