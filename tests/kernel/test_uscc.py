"""Unified social credit codes are judged as domain.md 6.3 says."""

import pytest

from kernel.uscc import check_uscc


@pytest.mark.parametrize(
    "code",
    ["51350600MJ00000016", "53350600MJ00000023", "91350600MA0000003P", "11350600MB00000045"],
)
def test_a_valid_code_passes_in_either_case(code: str) -> None:
    assert check_uscc(f" {code.lower()} ") == check_uscc(code)
    assert (check_uscc(code).ok, check_uscc(code).code) == (True, code)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("", "未填写"),
        ("51350600MJ0000001", "现为17位"),
        ("5135060OMJ00000016", "不允许的字符：O"),
        ("51350600MJ0000001Z", "不允许的字符：Z"),
        ("51350A00MJ00000016", "行政区划代码"),
        ("51350600MJ00000017", "校验位不正确"),
        ("51350600MJ00000106", "校验位不正确"),
    ],
)
def test_a_wrong_code_names_what_is_wrong(code: str, part: str) -> None:
    result = check_uscc(code)

    assert not result.ok
    assert part in result.errors[0]
