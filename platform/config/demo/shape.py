"""How many households of which kind and size, from the published totals (domain.md section 3)."""

from random import Random

from households.models import Category

#: Persons by category in the city, together 141,000 in 94,000 households.
PERSONS = {Category.DIBAO: 103_200, Category.TEKUN: 12_300, Category.DIBAO_EDGE: 25_500}
CITY_HOUSEHOLDS, CITY_PERSONS = 94_000, 141_000
#: Destitute persons live almost always alone: 613 households of 621 persons in Dehua.
_TEKUN_PERSONS, _TEKUN_HOUSEHOLDS = 621, 613
_LARGEST = 6


def household_shapes(
    count: int, random: Random, *, made: list[int] | None = None
) -> list[tuple[Category, int]]:
    """Return category and size of each of ``count`` households, shuffled.

    ``made``: sizes of households that are there already and count towards the totals.

    >>> shapes = household_shapes(94_000, Random(0))
    >>> len(shapes), sum(size for _, size in shapes)
    (94000, 141000)
    >>> sum(size for category, size in shapes if category == "tekun")
    12300
    """
    persons = {
        category: round(total * count / CITY_HOUSEHOLDS) for category, total in PERSONS.items()
    }
    all_persons = round(CITY_PERSONS * count / CITY_HOUSEHOLDS)
    persons[Category.DIBAO] += all_persons - sum(persons.values()) - sum(made or [])
    count -= len(made or [])
    tekun = round(persons[Category.TEKUN] * _TEKUN_HOUSEHOLDS / _TEKUN_PERSONS)
    others = persons[Category.DIBAO] + persons[Category.DIBAO_EDGE]
    dibao = round((count - tekun) * persons[Category.DIBAO] / others) if others else 0
    households = {
        Category.DIBAO: dibao,
        Category.TEKUN: tekun,
        Category.DIBAO_EDGE: count - tekun - dibao,
    }
    shapes = [
        (category, size)
        for category, number in households.items()
        for size in _sizes(number, persons[category], random)
    ]
    random.shuffle(shapes)
    return shapes


def _sizes(households: int, persons: int, random: Random) -> list[int]:
    """Return sizes that sum to ``persons``: each at least 1, the rest dealt out at random."""
    sizes = [1] * households
    left = persons - households if households else 0
    while left > 0:
        chosen = random.randrange(households)
        if sizes[chosen] < _LARGEST:
            sizes[chosen] += 1
            left -= 1
    return sizes
