"""Print the demo log-ins."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from config.demo.bodies import LOGINS, PASSWORD
from kernel.access import Role
from regions.models import Region

#: Posts as screens and lists call them.
ROLE_NAMES = {
    Role.VILLAGE_ASSISTANT: "村级协管",
    Role.SOCIAL_WORKER: "社工",
    Role.TOWNSHIP_OFFICER: "乡镇经办",
    Role.COUNTY_OFFICER: "县级经办",
    Role.COUNTY_REVIEWER: "县级复核",
    Role.CITY_OFFICER: "市级",
    Role.MEETING_SECRETARY: "会议秘书",
    Role.DEPARTMENT_LIAISON: "部门联络",
    Role.PARTNER_OFFICER: "群团",
    Role.CHARITY_OFFICER: "慈善项目",
    Role.CHARITY_FINANCE: "慈善财务",
    Role.DONOR: "捐赠人",
    Role.AUDITOR: "审计",
    Role.ADMINISTRATOR: "管理员",
}


class Command(BaseCommand):
    help = "列出演示账号"

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("仅演示环境（DEMO=1）有演示账号")
        there = set(User.objects.values_list("username", flat=True))
        regions = Region.objects.select_related("parent").in_bulk([x.region for x in LOGINS])
        self.stdout.write(f"演示账号（密码均为 {PASSWORD}）")
        for login in LOGINS:
            if login.username in there:
                self.stdout.write(
                    f"  {login.username:<12}{ROLE_NAMES[login.role]:　<6}"
                    f"{regions[login.region]}　{login.title}"
                )
