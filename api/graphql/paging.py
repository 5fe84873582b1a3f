"""Page sizes; the contract's defaults."""

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
