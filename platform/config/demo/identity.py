"""Invented names, resident IDs of a county that does not exist, numbers no phone has, row keys."""

from datetime import UTC, date, datetime
from functools import cache
from random import Random
from uuid import UUID

from kernel.resident_id import check_character
from regions.reference import pinyin_key

#: No such county, so no such person (domain.md section 6.1).
ID_PREFIX = "350699"

_SURNAMES = "林陈黄张吴李郑王刘蔡杨许郭谢庄沈游洪赖方朱何苏蓝汤江戴叶徐肖高邱康周曹涂"
_GIVEN = (
    "榕荔梅兰竹菊莲桂枫柏杉桐柚橙棠芸茗苗禾麦谷穗溪泉湖海浪波舟帆岩峰岭石岳川"
    "云雨雪霜露虹霞晴晓晨曦辉星月明亮安平宁和顺康健勤朴厚诚信义仁礼智勇"
)

#: Documented test vectors that tests and manuals use by hand.
_TAKEN = {"350699194506120011", "350699198802201025", "350699201509012035"}


@cache
def _syllable(character: str) -> str:
    return pinyin_key(character)


def name_pinyin(name: str) -> str:
    """Return the sorting key of an invented name; its characters have one reading each."""
    return " ".join(_syllable(character) for character in name)


def draw_name(random: Random, surname: str = "") -> str:
    """Return an invented name, with a family's surname if one is given."""
    given = "".join(random.sample(_GIVEN, 1 if random.random() < 0.2 else 2))
    return (surname or random.choice(_SURNAMES)) + given


class IdNumbers:
    """Hands out valid resident IDs, each once; ``first`` keeps two populations apart."""

    def __init__(self, first: int = 0, last: int = 799) -> None:
        self._first, self._last = first, last
        self._next: dict[tuple[date, str], int] = {}

    def draw(self, born_on: date, sex: str) -> str:
        """Return the next number of that birth date and sex ("m" odd, "f" even).

        >>> IdNumbers().draw(date(1945, 6, 12), "m")
        '350699194506120038'
        """
        key = (born_on, sex)
        parity = 1 if sex == "m" else 0
        while True:
            sequence = self._next.get(key, self._first + (self._first + parity) % 2)
            if sequence > self._last:
                raise ValueError(f"no number left for {born_on} {sex}")
            self._next[key] = sequence + 2
            first17 = f"{ID_PREFIX}{born_on:%Y%m%d}{sequence:03d}"
            number = first17 + check_character(first17)
            if number not in _TAKEN:
                return number


def draw_phone(random: Random) -> str:
    """Return eleven digits that no mobile number begins with.

    >>> draw_phone(Random(1)).startswith("1200")
    True
    """
    return f"1200{random.randrange(10**7):07d}"


class RowKeys:
    """Time-ordered keys (UUIDv7) that depend on the seed alone."""

    def __init__(self, random: Random, day: date) -> None:
        self._random = random
        start = datetime(day.year, 1, 1, tzinfo=UTC)
        self._millis = int(start.timestamp() * 1000)

    def next(self) -> UUID:
        """Return the next key."""
        self._millis += 1
        value = (self._millis & (1 << 48) - 1) << 80 | self._random.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
