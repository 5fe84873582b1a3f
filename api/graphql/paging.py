"""Page sizes and bounds."""

from kernel.errors import Refused

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


def page_bounds(page: int | None, page_size: int | None) -> tuple[int, int]:
    """Return the first row of a page and the one behind its last; raises ``Refused("invalid")``.

    >>> page_bounds(2, 20)
    (20, 40)
    """
    number = 1 if page is None else page
    size = DEFAULT_PAGE_SIZE if page_size is None else page_size
    if number < 1 or not 1 <= size <= MAX_PAGE_SIZE:
        raise Refused("invalid", f"页码从 1 开始，每页 1 至 {MAX_PAGE_SIZE} 条")
    return (number - 1) * size, number * size
