"""Unified social credit codes of organisations (GB 32100)."""

from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


@dataclass(frozen=True, slots=True)
class UsccResult:
    """A code as it should be stored (trimmed, upper case) and what is wrong with it, in Chinese."""

    code: str
    errors: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.errors


def check_character(first17: str) -> str:
    """Return the 18th character for the first 17, which must be of the code's alphabet.

    >>> check_character("51350600MJ0000001")
    '6'
    """
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def check_uscc(text: str) -> UsccResult:
    """Return the code in its stored form with its errors (domain.md 6.3).

    >>> check_uscc("51350600mj00000016").ok
    True
    >>> check_uscc("51350600MJ00000017").errors
    ('统一社会信用代码的校验位不正确，请核对是否抄错',)
    """
    code = text.strip().upper()
    if not code:
        return UsccResult(code, ("统一社会信用代码未填写",))
    if len(code) != 18:
        return UsccResult(code, (f"统一社会信用代码应为18位，现为{len(code)}位",))
    strange = sorted({c for c in code if c not in ALPHABET})
    if strange:
        return UsccResult(
            code,
            (f"统一社会信用代码含有不允许的字符：{'、'.join(strange)}（不使用 I、O、Z、S、V）",),
        )
    if not code[2:8].isdigit():
        return UsccResult(code, ("统一社会信用代码第3至8位应为登记机关的行政区划代码",))
    if check_character(code[:17]) != code[17]:
        return UsccResult(code, ("统一社会信用代码的校验位不正确，请核对是否抄错",))
    return UsccResult(code, ())
