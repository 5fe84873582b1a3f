"""Fill an empty database with an invented city."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.demo.load import FEWEST, city_load
from kernel import clock
from kernel.errors import Refused


class Command(BaseCommand):
    help = "在空库中装入演示城市（虚构人员，真实区划）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=5_000, help="户数")
        parser.add_argument("--seed", type=int, default=1798, help="随机种子")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["households"] < FEWEST:
            raise CommandError(f"--households 至少为 {FEWEST}")
        began = time.monotonic()
        try:
            counts = city_load(
                households=options["households"], seed=options["seed"], today=clock.today()
            )
        except Refused as no:
            raise CommandError(no.message) from no
        labels = {
            "households": "户",
            "persons": "人",
            "members": "成员关系",
            "recognitions": "认定",
            "bills": "医疗费用",
            "needs": "需求",
            "consents": "知情同意",
            "aid": "台账",
            "signals": "线索",
        }
        said = "，".join(f"{labels[name]} {count}" for name, count in counts.items())
        self.stdout.write(f"演示城市已装入：{said}；用时 {time.monotonic() - began:.1f} 秒")
