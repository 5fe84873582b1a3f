"""Load what every deployment starts from. Running it again changes nothing that was edited."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from aid.reference import load_brands, load_guard_limits, load_schemes
from audit.acting import acting_as
from kernel.access import SYSTEM
from organisations.reference import load_organisations
from projects.reference import load_exemplars
from regions.reference import load_regions


class Command(BaseCommand):
    help = "载入区划、机构、品牌项目等基础数据"

    def handle(self, *_args: Any, **_options: Any) -> None:
        with transaction.atomic(), acting_as(SYSTEM):
            self.stdout.write(f"区划 {load_regions()}，机构 {load_organisations()}")
            self.stdout.write(f"救助项目 {load_schemes()}，品牌项目 {load_brands()}")
            self.stdout.write(f"台账限额 {load_guard_limits()}，工作典型 {load_exemplars()}")
