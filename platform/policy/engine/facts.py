"""Inputs that several rules share, so that they mean the same in all of them."""

from policy.engine.rule import CATEGORY, Input

HOUSEHOLD_CATEGORY = Input("category", "家庭类别", "choice", CATEGORY)
MEMBERS = Input("members", "家庭人口", "count", minimum=1, person_count=True)
PERSON_INCOME = Input("person_income_fen", "个人月收入")
HOUSEHOLD_INCOME = Input("household_income_fen", "家庭月收入", person_sum=PERSON_INCOME)
