"""Front-line staff by a township's registered population (docs/policy/rules.md, MH-17)."""

import numpy as np

from policy.engine.money import Column
from policy.engine.rule import Choice, Entity, Input, Read, Row, Rule, formula

SIZES = Choice(small="小镇", medium="中等乡镇", large="大镇")
POPULATION = Input("registered_population", "户籍人口", "count")


@formula(Entity.TOWNSHIP, "乡镇规模")
def township_size(of: Read) -> Column:
    """Small below the lower line; large above the upper one."""
    population = of("registered_population")
    return SIZES.first(
        (population < of("staffing__population_small"), "small"),
        (population > of("staffing__population_large"), "large"),
        otherwise="medium",
    )


@formula(Entity.TOWNSHIP, "最少工作人员")
def staff_minimum(of: Read) -> Column:
    """The least number of staff."""
    return np.choose(of("township_size"), [of(f"staffing__minimum_{size}") for size in SIZES.codes])


def _explain(row: Row) -> list[str]:
    return [f"户籍人口{row['registered_population']}人，至少配备{row['staff_minimum']}人"]


MH_17 = Rule(
    id="MH-17",
    name="township_staffing",
    title="基层民政力量配备",
    entity=Entity.TOWNSHIP,
    inputs=(POPULATION,),
    parameters=(
        "staffing.population_small",
        "staffing.population_large",
        "staffing.minimum_small",
        "staffing.minimum_medium",
        "staffing.minimum_large",
    ),
    formulas=(township_size, staff_minimum),
    outcomes=SIZES,
    outcome=township_size,
    explain=_explain,
)
RULES = (MH_17,)
