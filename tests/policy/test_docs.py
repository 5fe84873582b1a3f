"""The rule map and the glossary keep up with the code."""

import re
from pathlib import Path

import pytest

from policy.engine.rule import CATEGORY
from policy.parameters import ParameterBook
from policy.rules import RULES

DOCS = Path(__file__).parents[2] / "docs" / "policy"
IN_CODE = (DOCS / "rules.md").read_text(encoding="utf-8").split("## Rules in code")[1]
ROWS = re.findall(
    r"^\| ([A-Z]{2}-\d{2}) \|.*\| `(\w+)` \| `(\w+)` \|$", IN_CODE, flags=re.MULTILINE
)


def test_map_lists_exactly_the_rules_in_code() -> None:
    assert [rule_id for rule_id, _, _ in ROWS] == sorted(
        RULES, key=lambda rule_id: (["JJ", "MH", "DH", "SM", "CH"].index(rule_id[:2]), rule_id)
    )


@pytest.mark.parametrize(("rule_id", "name", "module"), ROWS)
def test_map_gives_the_rule_its_code_name_and_module(rule_id: str, name: str, module: str) -> None:
    rule = RULES[rule_id]
    assert (rule.name, rule.outcome.function.__module__) == (name, f"policy.engine.{module}")


def test_rule_is_not_both_in_code_and_not_yet_in_code() -> None:
    pending = IN_CODE.split("## Not yet in code")[1]
    assert not [rule_id for rule_id in RULES if rule_id in pending]


def test_every_category_stands_in_the_glossary() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    missing = [code for code in CATEGORY.codes if code != "none" and f"`{code}`" not in glossary]
    assert missing == []


def test_every_rule_clause_of_a_parameter_is_a_rule_in_code() -> None:
    clauses = {
        clause
        for entry in ParameterBook.load()
        for clause in re.findall(r"\b(?:JJ|MH|DH|SM|CH)-\d{2}\b", entry.clause)
    }
    assert clauses <= set(RULES)
    assert len(clauses) >= 12
