"""Run one full round on the demo city; with --json the last line is its counts and amounts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.demo.round import round_run


class Command(BaseCommand):
    help = "在演示城市走完一轮：导入、匹配、审批、捐赠、送达、会议材料"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="随机种子")
        parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        result = round_run(seed=options["seed"], say=self.stdout.write)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, sort_keys=True))
