"""The baseline: needs in order of urgency and priority, each funded as well as what is left allows.

What a careful officer does by hand. It is also the first feasible answer, within seconds.
"""

from __future__ import annotations

import numpy as np

from matching.engine.kernels import State, sweep
from matching.engine.problem import Floats
from matching.engine.table import Tier


def greedy_tier(tier: Tier, weight: Floats) -> tuple[State, float]:
    """Return the greedy answer of one tier and its value; ``weight`` (n,) sets the order."""
    state = tier.empty()
    nothing = np.zeros(len(tier.budget))
    order = np.argsort(-weight, kind="stable")
    value = sweep(tier.table, state, order, nothing, nothing, np.zeros(len(tier.household)), 0.0)
    return state, float(value)
