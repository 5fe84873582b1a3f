"""Print what a deployment must still enter: sample values and unknown days."""

from typing import Any

from django.core.management.base import BaseCommand

from policy.parameters import ApprovalTier, Parameter, sample_parameters, undated_parameters


class Command(BaseCommand):
    """The set-up checklist of the policy parameters, for the person who runs a deployment."""

    help = "列出需要由本地录入的政策参数（示例值、生效日期不明的值）"

    def handle(self, *args: Any, **options: Any) -> None:
        samples, undated = sample_parameters(), undated_parameters()
        self.stdout.write("政策参数设置清单")
        self.stdout.write(f"\n一、没有来源的示例值，请录入本地规定（{len(samples)} 项）")
        for parameter in samples:
            self.stdout.write(f"□ {self._line(parameter)}")
        self.stdout.write(f"\n二、来源未写明生效日期，请核实（{len(undated)} 项）")
        for parameter in undated:
            self.stdout.write(f"□ {self._line(parameter)}，暂按 {parameter.assumed_from} 起")
        self.stdout.write(
            "\n录入办法：在环境变量 POLICY_DIR 所指目录中写 YAML 文件，同名、同地区、单位相同；"
            "第二类还须写相同的 version。"
        )

    @staticmethod
    def _line(parameter: Parameter) -> str:
        value = parameter.value
        if isinstance(value, tuple):
            value = "；".join(_tier_text(item) for item in value)
        elif parameter.unit == "fen" and value is not None:
            value = f"{int(value) / 100:,.2f} 元（{value} 分）"
        version = parameter.id.partition("#")[2]
        return (
            f"{parameter.region} {parameter.title}（{parameter.name}）："
            f"现为 {value}，单位 {parameter.unit}，版本 {version}"
        )


def _tier_text(item: str | ApprovalTier) -> str:
    if isinstance(item, str):
        return item
    limit = "不限额" if item.up_to_fen is None else f"{item.up_to_fen / 100:,.2f} 元以内"
    return f"{limit}由 {'、'.join(item.posts)} 审批"
