"""A proposal's explanation in Chinese, from the engine's terms and prices; stored with the row."""

from collections.abc import Callable
from typing import Any

from kernel.money import yuan
from matching.build import Market
from matching.engine.explain import Cost, Explainer, Matched, Term
from matching.engine.solution import Solution

LABELS: dict[Term | Cost, tuple[str, str]] = {
    Term.PRIORITY: ("解决的缺口", "补上的金额乘以需求的优先系数"),
    Term.FIT: ("项目契合度", "专为该类家庭设立的项目优先于面向所有人的项目"),
    Term.BONUS: ("帮扶本身", "每一笔帮扶的固定分"),
    Term.KEEP: ("保持稳定", "上次已建议的，没有更好的就不变动"),
    Term.FAIRNESS: ("公平", "先补上每户缺口的前一部分"),
    Cost.BUDGET: ("占用项目资金", "同样的钱帮助其他家庭可得的分"),
    Cost.QUOTA: ("占用项目名额", "名额给其他家庭可得的分"),
    Cost.HOUSEHOLD: ("占用家庭年度额度", "额度留给该户其他需求可得的分"),
}


def explanation_of(market: Market, solution: Solution) -> Callable[[int], dict[str, Any]]:
    """Return a function from a grant's row to its explanation.

    ``terms`` sum to ``value``, and with the costs (negative) to ``surplus``: the score by which the
    grant beats leaving the money to others. ``share`` is a term's part of the absolute sum.
    """
    explainer = Explainer(market.problem, solution)

    def explain(grant: int) -> dict[str, Any]:
        need, project = int(solution.need[grant]), int(solution.project[grant])
        matched = explainer.match(need, project)
        rows = [(part, worth) for part, worth in matched.terms.items() if worth] + [
            (part, -worth) for part, worth in matched.costs.items() if worth
        ]
        whole = sum(abs(worth) for _, worth in rows) or 1.0
        next_best = matched.next_best
        return {
            "summary": _summary(market, matched),
            "value": round(matched.value, 2),
            "surplus": round(matched.surplus, 2),
            "terms": [
                {
                    "code": part.value,
                    "label": LABELS[part][0],
                    "value": round(worth, 2),
                    "share": round(abs(worth) / whole, 4),
                    "note": LABELS[part][1],
                }
                for part, worth in rows
            ],
            "next_best": None
            if next_best is None
            else {
                "project_id": str(market.projects[next_best].id),
                "project_name": market.projects[next_best].name,
                "margin": round(matched.margin or 0.0, 2),
            },
        }

    return explain


def _summary(market: Market, matched: Matched) -> str:
    need, project = market.needs[matched.need], market.projects[matched.project]
    gap = int(market.problem.need_gap_fen[matched.need])
    text = (
        f"{need.get_purpose_display()}需求尚缺 {yuan(gap)} 元，"
        f"“{project.name}”可补 {yuan(matched.fen)} 元"
    )
    if matched.next_best is None:
        return text + "；没有其他合适项目"
    return text + f"；次选“{market.projects[matched.next_best].name}”"
