"""Looking up parameters: region, day, missing values, the deployment's own directory."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps

from kernel.errors import Refused
from policy import parameters
from policy.parameters import ParameterBook, ParameterFileError

JINJIANG = ("350582", "350500", "350000", "CN")
XIANGCHENG = ("350602001", "350602", "350600", "350000", "CN")
DAY = date(2026, 11, 22)
STANDARD = "dibao.standard_fen_per_month"


@pytest.fixture
def shipped() -> ParameterBook:
    return ParameterBook.load()


def write(directory: Path, text: str, name: str = "own.yaml") -> Path:
    (directory / name).write_text(text, encoding="utf-8")
    return directory


def own(
    region: str, value: str, day: str = "2026-01-01", name: str = STANDARD, more: str = ""
) -> str:
    entry = f"value: {value}, unit: fen, effective_from: {day}, source: 漳民〔2026〕1号{more}"
    return f'region: "{region}"\nparameters:\n  {name}:\n    - {{{entry}}}\n'


@pytest.mark.parametrize(
    ("on", "fen"),
    [(date(2022, 3, 31), 77_500), (date(2022, 4, 1), 90_000), (date(2026, 1, 1), 90_000)],
)
def test_later_day_wins_from_that_day_on(shipped: ParameterBook, on: date, fen: int) -> None:
    assert shipped.lookup(STANDARD, region_chain=JINJIANG, on=on).value == fen


def test_answer_carries_its_source_and_id(shipped: ParameterBook) -> None:
    found = shipped.lookup(STANDARD, region_chain=JINJIANG, on=DAY)
    assert (found.id, found.region, found.effective_from, found.source, found.sample) == (
        "dibao.standard_fen_per_month@350582#2022-04-01",
        "350582",
        date(2022, 4, 1),
        "S000",
        False,
    )


def test_narrowest_region_wins_even_with_an_earlier_day(tmp_path: Path) -> None:
    write(tmp_path, own("350600", "100000", "2026-06-01"), "a.yaml")
    write(tmp_path, own("350602001", "111100", "2025-01-01"), "b.yaml")
    book = ParameterBook.load(tmp_path)
    assert book.lookup(STANDARD, region_chain=XIANGCHENG, on=DAY).value == 111_100
    assert book.lookup(STANDARD, region_chain=XIANGCHENG[1:], on=DAY).value == 90_000
    assert book.lookup(STANDARD, region_chain=("350600", "CN"), on=DAY).value == 100_000


def test_value_of_the_future_does_not_count_and_the_wider_region_answers(tmp_path: Path) -> None:
    tomorrow = DAY + timedelta(days=1)
    write(tmp_path, own("350602001", "111100", tomorrow.isoformat()))
    book = ParameterBook.load(tmp_path)
    assert book.lookup(STANDARD, region_chain=XIANGCHENG, on=DAY).value == 90_000
    assert book.lookup(STANDARD, region_chain=XIANGCHENG, on=tomorrow).value == 111_100


def test_missing_parameter_is_refused_by_name_and_never_zero(shipped: ParameterBook) -> None:
    with pytest.raises(Refused) as no:
        shipped.lookup("temporary_aid.maximum_fen", region_chain=JINJIANG, on=DAY)
    assert no.value.code == "parameter_missing"
    assert "temporary_aid.maximum_fen" in no.value.message
    assert "临时救助最高限额" in no.value.message


def test_name_that_does_not_exist_is_refused(shipped: ParameterBook) -> None:
    with pytest.raises(Refused) as no:
        shipped.lookup("dibao.standart", region_chain=JINJIANG, on=DAY)
    assert no.value.code == "parameter_unknown"


@pytest.mark.parametrize(
    ("on", "fen"), [(date(2022, 12, 31), 10_000_000), (date(2023, 1, 1), 8_000_000)]
)
def test_unknown_day_of_dehua_version_two_is_assumed_and_listed(
    shipped: ParameterBook, on: date, fen: int
) -> None:
    name = "temporary_aid.large_threshold_ordinary_fen"
    found = shipped.lookup(name, region_chain=("350526", "CN"), on=on)
    assert (found.value, found.effective_from) == (fen, None)
    assert f"{name}@350526#v2" in {entry.id for entry in shipped.undated()}


def test_deployment_enters_the_real_day_of_dehua_version_two(tmp_path: Path) -> None:
    name = "temporary_aid.large_threshold_ordinary_fen"
    write(tmp_path, own("350526", "8000000", "2023-05-01", name, ", version: v2"))
    book = ParameterBook.load(tmp_path)
    chain = ("350526", "CN")
    assert book.lookup(name, region_chain=chain, on=date(2023, 4, 30)).value == 10_000_000
    assert book.lookup(name, region_chain=chain, on=date(2023, 5, 1)).value == 8_000_000
    assert f"{name}@350526#v2" not in {entry.id for entry in book.undated()}


def test_a_value_of_its_own_settles_the_sample_of_the_same_region_only(tmp_path: Path) -> None:
    before = {entry.id for entry in ParameterBook.load().samples()}
    write(tmp_path, own("350602", "95000"))
    after = {entry.id for entry in ParameterBook.load(tmp_path).samples()}
    assert before - after == {f"{STANDARD}@350602#sample"}
    assert after < before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("aid.small_gift_limit_fen", 50_000),
        ("aid.advance_limit_fen", 2_000_000),
        ("wish.hold_minutes", 35),
        ("gap.days", 30),
        ("casework.medical_alert_unlisted_fen", 4_000_000),
        ("casework.medical_alert_listed_fen", 2_000_000),
    ],
)
def test_parameters_of_other_apps_are_there_for_zhangzhou(name: str, value: int) -> None:
    assert parameters.lookup_number(name, region_chain=XIANGCHENG, on=DAY) == value


@pytest.mark.parametrize(
    "county",
    ["350602", "350603", "350604", "350605", "350622", "350623", "350624", "350626", "350627",
     "350628", "350629"],
)  # fmt: skip
def test_every_county_of_zhangzhou_has_a_sample_standard(
    shipped: ParameterBook, county: str
) -> None:
    found = shipped.lookup(STANDARD, region_chain=(county, "350600", "CN"), on=DAY)
    assert found.region == county
    assert found.sample


@pytest.mark.parametrize(
    ("amount_fen", "posts"),
    [
        (1, ("county_officer", "county_reviewer")),
        (2_000_000, ("county_officer", "county_reviewer")),
        (2_000_001, ("county_officer", "county_reviewer", "city_officer")),
    ],
)
def test_approval_posts_follow_the_amount(amount_fen: int, posts: tuple[str, ...]) -> None:
    assert parameters.approval_posts(amount_fen, region_chain=XIANGCHENG, on=DAY) == posts


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("region: 350602\nparameters: {}\n", "region", "带引号"),
        ('region: "350602"\nparameters: {}\nyear: 1\n', "year", "不认识的键"),
        (own("350602", "1", name="dibao.standart"), "dibao.standart", "没有这个参数名"),
        (own("350602", "1", more=", colour: red"), "colour", "不认识的键"),
        (own("350602", "900.00"), "value", "整数"),
        (own("350602", "true"), "value", "整数"),
        (own("350602", "-1"), "value", "整数"),
        (own("350602", "null"), "value", "整数"),
        (own("350602", '"900"'), "value", "整数"),
        (own("350602", "1").replace("unit: fen", "unit: yuan"), "unit", "单位应为 fen"),
        (own("350602", "1", day="2026-02-30"), "（文件）", "YAML"),
        (own("350602", "1", day="soon"), "effective_from", "YYYY-MM-DD"),
        (own("350602", "1", more=", assumed_from: 2026-01-01"), "assumed_from", "unknown"),
        (own("350602", "1", more=", sample: true"), "sample", "示例值"),
        (own("350602", "1").replace(", source: 漳民〔2026〕1号", ""), "source", "缺少此键"),
        (own("350602", "1", more=", unit: fen"), "（文件）", "重复"),
        ("region: [", "（文件）", "YAML"),
    ],
)
def test_bad_deployment_file_is_refused_naming_file_and_key(
    tmp_path: Path, text: str, key: str, reason: str
) -> None:
    with pytest.raises(ParameterFileError) as no:
        ParameterBook.load(write(tmp_path, text))
    assert no.value.file == tmp_path / "own.yaml"
    assert key in no.value.key
    assert reason in str(no.value)


@pytest.mark.parametrize(
    ("tiers", "reason"),
    [
        ("[{up_to_fen: 5, posts: [county_officer]}]", "最后一级为 null"),
        (
            "[{up_to_fen: 9, posts: [county_officer]}, {up_to_fen: 5, posts: [county_officer]},"
            " {up_to_fen: null, posts: [county_officer]}]",
            "递增",
        ),
        ("[{up_to_fen: null, posts: [emperor]}]", "没有这个岗位：emperor"),
        ("[{up_to_fen: null, posts: []}]", "非空"),
        ("[]", "列表"),
    ],
)
def test_bad_approval_tiers_are_refused(tmp_path: Path, tiers: str, reason: str) -> None:
    text = own("350602", tiers, name="approval.steps").replace("unit: fen", "unit: approval_tiers")
    with pytest.raises(ParameterFileError, match=reason):
        ParameterBook.load(write(tmp_path, text))


def test_two_values_of_one_day_in_one_region_are_refused(tmp_path: Path) -> None:
    write(tmp_path, own("350602", "1", more=", version: a"), "a.yaml")
    write(tmp_path, own("350602", "2", more=", version: b"), "b.yaml")
    with pytest.raises(ParameterFileError, match="同日生效"):
        ParameterBook.load(tmp_path)


def test_directory_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterFileError, match="目录不存在"):
        ParameterBook.load(tmp_path / "nowhere")


def test_policy_dir_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, own("350602001", "111100"))
    monkeypatch.setenv("POLICY_DIR", str(tmp_path))
    parameters.current_book.cache_clear()
    try:
        assert parameters.lookup(STANDARD, region_chain=XIANGCHENG, on=DAY).value == 111_100
    finally:
        monkeypatch.undo()
        parameters.current_book.cache_clear()


def test_server_does_not_start_on_a_bad_deployment_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICY_DIR", str(write(tmp_path, own("350602", "-1"))))
    parameters.current_book.cache_clear()
    try:
        with pytest.raises(ParameterFileError, match=r"own\.yaml"):
            apps.get_app_config("policy").ready()
    finally:
        monkeypatch.undo()
        parameters.current_book.cache_clear()
