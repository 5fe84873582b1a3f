"""Reading parameter files strictly: every mistake is named by file and key.

A value file is YAML, one document per region::

    region: "350602"
    parameters:
      dibao.standard_fen_per_month:
        - {value: 90000, unit: fen, effective_from: 2026-01-01, source: 漳民〔2026〕1号}
"""

from collections.abc import Hashable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kernel.access import Role
from policy.parameters.model import NATION, ApprovalTier, Definition, Parameter, Value

WHOLE_NUMBER_UNITS = {"fen", "basis_points", "persons", "months", "days", "minutes"}
UNITS = WHOLE_NUMBER_UNITS | {"flag", "texts", "approval_tiers"}
LARGEST_NUMBER = 10**13

ENTRY_KEYS = {
    "value", "unit", "effective_from", "assumed_from", "version",
    "source", "clause", "note", "sample",
}  # fmt: skip
REQUIRED_KEYS = ("value", "unit", "effective_from", "source")


class ParameterFileError(ValueError):
    """A parameter file that cannot be used: which file, which key, and what is wrong."""

    def __init__(self, file: Path, key: str, reason: str) -> None:
        super().__init__(f"政策参数文件 {file}，{key}：{reason}")
        self.file, self.key, self.reason = file, key, reason


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key written twice, which YAML itself lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"键 {key_node.value} 重复", problem_mark=key_node.start_mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def read_definitions(file: Path) -> dict[str, Definition]:
    """The names that value files may use."""
    definitions = {}
    for document in _documents(file):
        for name, body in _mapping(document, file, "（文件）").items():
            body = _mapping(body, file, name)
            _refuse_unknown(body, {"title", "unit", "nullable"}, file, name)
            if body.get("unit") not in UNITS or not isinstance(body.get("title"), str):
                raise ParameterFileError(file, name, "缺少 title，或 unit 不在允许的单位内")
            definitions[name] = Definition(name, **body)
    return definitions


def read_values(file: Path, definitions: Mapping[str, Definition]) -> Iterator[Parameter]:
    """Every parameter of one value file.

    Raises ``ParameterFileError`` at the first mistake.
    """
    for document in _documents(file):
        document = _mapping(document, file, "（文件）")
        _refuse_unknown(document, {"region", "parameters"}, file, "（文件）")
        region = document.get("region")
        if not isinstance(region, str) or not (region == NATION or region.isdigit()):
            raise ParameterFileError(file, "region", f"应为带引号的区划代码或 {NATION}")
        for name, entries in _mapping(document.get("parameters"), file, "parameters").items():
            if name not in definitions:
                raise ParameterFileError(file, f"{region} {name}", "没有这个参数名")
            if not isinstance(entries, list) or not entries:
                raise ParameterFileError(file, f"{region} {name}", "应为取值列表")
            for number, entry in enumerate(entries, start=1):
                key = f"{region} {name} 第{number}项"
                yield _parameter(definitions[name], region, _mapping(entry, file, key), file, key)


def _parameter(
    definition: Definition, region: str, entry: dict[str, Any], file: Path, key: str
) -> Parameter:
    _refuse_unknown(entry, ENTRY_KEYS, file, key)
    for required in REQUIRED_KEYS:
        if required not in entry:
            raise ParameterFileError(file, f"{key} {required}", "缺少此键")
    for text in ("source", "version", "clause", "note"):
        if text in entry and not (isinstance(entry[text], str) and entry[text].strip()):
            raise ParameterFileError(file, f"{key} {text}", "应为非空文字")
    if entry["unit"] != definition.unit:
        raise ParameterFileError(file, f"{key} unit", f"单位应为 {definition.unit}")

    effective_from = _effective_from(entry["effective_from"], file, f"{key} effective_from")
    assumed_from = entry.get("assumed_from")
    if assumed_from is not None and (type(assumed_from) is not date or effective_from):
        raise ParameterFileError(
            file, f"{key} assumed_from", "应为日期，且只在 effective_from 为 unknown 时填写"
        )
    sample = entry.get("sample", False)
    if type(sample) is not bool or sample != (entry["source"] == "sample"):
        raise ParameterFileError(
            file, f"{key} sample", "示例值须同时写 source: sample 和 sample: true"
        )
    version = entry.get("version") or (
        effective_from.isoformat() if effective_from else "sample" if sample else "unknown"
    )
    return Parameter(
        id=f"{definition.name}@{region}#{version}",
        name=definition.name,
        title=definition.title,
        unit=definition.unit,
        region=region,
        value=_value(entry["value"], definition, file, f"{key} value"),
        effective_from=effective_from,
        assumed_from=assumed_from,
        source=entry["source"],
        clause=entry.get("clause", ""),
        note=entry.get("note", ""),
        sample=sample,
    )


def _effective_from(raw: object, file: Path, key: str) -> date | None:
    if raw == "unknown":
        return None
    if type(raw) is date:
        return raw
    raise ParameterFileError(file, key, "应为 YYYY-MM-DD 日期或 unknown")


def _value(raw: object, definition: Definition, file: Path, key: str) -> Value:
    if raw is None and definition.nullable:
        return None
    if definition.unit in WHOLE_NUMBER_UNITS:
        if type(raw) is int and 0 <= raw <= LARGEST_NUMBER:
            return raw
        raise ParameterFileError(
            file, key, f"应为 0 至 {LARGEST_NUMBER} 的整数（{definition.unit}）"
        )
    if definition.unit == "flag":
        if type(raw) is bool:
            return raw
        raise ParameterFileError(file, key, "应为 true 或 false")
    if definition.unit == "texts":
        return _texts(raw, file, key)
    return _approval_tiers(raw, file, key)


def _texts(raw: object, file: Path, key: str) -> tuple[str, ...]:
    if isinstance(raw, list) and raw and all(isinstance(text, str) and text for text in raw):
        return tuple(raw)
    raise ParameterFileError(file, key, "应为非空文字列表")


def _approval_tiers(raw: object, file: Path, key: str) -> tuple[ApprovalTier, ...]:
    if not isinstance(raw, list) or not raw:
        raise ParameterFileError(file, key, "应为审批层级列表")
    tiers = []
    for row in raw:
        row = _mapping(row, file, key)
        _refuse_unknown(row, {"up_to_fen", "posts"}, file, key)
        if "up_to_fen" not in row or type(row["up_to_fen"]) not in (int, type(None)):
            raise ParameterFileError(file, f"{key} up_to_fen", "应为整数分；最后一级为 null")
        posts = _texts(row.get("posts"), file, f"{key} posts")
        if unknown := set(posts) - set(Role):
            raise ParameterFileError(file, f"{key} posts", f"没有这个岗位：{'、'.join(unknown)}")
        tiers.append(ApprovalTier(row["up_to_fen"], posts))
    limits = [tier.up_to_fen for tier in tiers]
    known = [limit for limit in limits[:-1] if limit is not None]
    if limits[-1] is not None or len(known) != len(limits) - 1 or known != sorted(set(known)):
        raise ParameterFileError(file, f"{key} up_to_fen", "各级金额须递增，最后一级为 null")
    return tuple(tiers)


def _documents(file: Path) -> list[object]:
    try:
        with file.open(encoding="utf-8") as stream:
            return list(yaml.load_all(stream, Loader=_StrictLoader))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2026-02-30
        raise ParameterFileError(file, "（文件）", f"不是正确的 YAML：{error}") from error


def _mapping(raw: object, file: Path, key: str) -> dict[str, Any]:
    if isinstance(raw, dict) and all(isinstance(name, str) for name in raw):
        return raw
    raise ParameterFileError(file, key, "应为键值表")


def _refuse_unknown(body: dict[str, Any], allowed: set[str], file: Path, key: str) -> None:
    for name in body:
        if name not in allowed:
            raise ParameterFileError(file, f"{key} {name}", "不认识的键")
