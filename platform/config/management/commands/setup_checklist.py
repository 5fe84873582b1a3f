"""Print what a real deployment must still enter or confirm, in Chinese."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from accounts.models import Membership
from aid.models import Brand
from audit.acting import acting_as
from config.management.commands.demo_logins import ROLE_NAMES
from kernel import clock
from kernel.access import SYSTEM
from organisations.models import FundraisingCertificate, Organisation
from policy.parameters import sample_parameters, undated_parameters
from projects.models import Exemplar
from regions.models import Region


class Command(BaseCommand):
    help = "上线前检查：列出仍为示例值、空缺或待核实的设置"

    def handle(self, *_args: Any, **_options: Any) -> None:
        with acting_as(SYSTEM):
            sections = [
                ("政策参数：没有来源的示例值，请录入本地规定", list(_samples())),
                ("政策参数：来源未写明生效日期，请核实", list(_undated())),
                ("品牌项目：牵头单位", list(_brands())),
                ("工作典型：名称", list(_exemplars())),
                ("公开募捐资格", list(_certificates())),
                ("行政区划：待核实", list(_regions())),
                ("岗位：尚无人任职", list(_posts())),
            ]
        self.stdout.write("上线设置清单")
        for position, (title, lines) in enumerate(sections, 1):
            self.stdout.write(f"\n{position}. {title}（{len(lines)} 项）")
            for line in lines:
                self.stdout.write(f"□ {line}")
        total = sum(len(lines) for _, lines in sections)
        self.stdout.write(f"\n合计 {total} 项待办。参数录入办法见 policy_checklist。")


def _samples() -> Iterator[str]:
    for found in sample_parameters():
        yield f"{found.region} {found.title}（{found.name}）"


def _undated() -> Iterator[str]:
    for found in undated_parameters():
        yield f"{found.region} {found.title}（{found.name}），暂按 {found.assumed_from} 起"


def _brands() -> Iterator[str]:
    for brand in Brand.objects.select_related("lead").order_by("position"):
        if brand.lead is None:
            yield f"“{brand.name}”没有牵头单位"
        else:
            yield f"“{brand.name}”暂定由{brand.lead}牵头，来源未载明，请确认"


def _exemplars() -> Iterator[str]:
    for slot in Exemplar.objects.filter(title="").order_by("slot"):
        yield f"第 {slot.slot} 个工作典型尚未填写"
    if not Exemplar.objects.exists():
        yield "八个工作典型的位置尚未建立，请运行 load_reference"


def _certificates() -> Iterator[str]:
    today = clock.today()
    in_force = FundraisingCertificate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today), valid_from__lte=today
    )
    bodies = Organisation.objects.filter(
        Q(kind=Organisation.Kind.CHARITY) | Q(role__in=("charity_federation", "red_cross")),
        has_legal_personality=True,
    ).exclude(certificates__in=in_force)
    for body in bodies.order_by("pinyin"):
        yield f"{body}没有登记公开募捐资格，不能公开募捐；如有证书请录入"
    for certificate in in_force.filter(number__startswith="示例").select_related("organisation"):
        yield f"{certificate.organisation}的证书 {certificate.number} 是示例，请换成真实证书"


def _regions() -> Iterator[str]:
    for zone in Region.objects.filter(is_functional_zone=True).order_by("code"):
        yield f"功能区 {zone.name} 用本地代码 {zone.code}，请核实其名称和管辖"
    for old in Region.objects.exclude(successor=None).select_related("successor").order_by("code"):
        yield (
            f"{old.name}（{old.code}）并入 {old.successor}，撤销日期暂记 {old.valid_until}，请核实"
        )


def _posts() -> Iterator[str]:
    today = clock.today()
    held = set(
        Membership.objects.filter(
            Q(valid_until=None) | Q(valid_until__gte=today), valid_from__lte=today
        ).values_list("role", flat=True)
    )
    for role, name in ROLE_NAMES.items():
        if role.value not in held:
            yield f"{name}（{role.value}）"
