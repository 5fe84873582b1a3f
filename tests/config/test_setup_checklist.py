"""The set-up checklist names what a deployment has not entered."""

import io
from datetime import date

import pytest
from django.core.management import call_command

from config.demo.load import city_load

pytestmark = pytest.mark.django_db


def _printed() -> str:
    out = io.StringIO()
    call_command("setup_checklist", stdout=out)
    return out.getvalue()


def test_an_empty_deployment_is_told_everything_that_is_missing() -> None:
    text = _printed()

    assert "小额慰问限额（aid.small_gift_limit_fen）" in text
    assert "“慈善阳光”暂定由漳州市慈善总会牵头" in text
    assert "功能区 漳州台商投资区 用本地代码 3506Z1" in text
    assert "龙海市（350681）并入" in text
    assert "漳州市慈善总会没有登记公开募捐资格" in text
    assert "县级复核（county_reviewer）" in text
    assert "工作典型" in text


def test_what_is_there_is_no_longer_listed_and_samples_are() -> None:
    city_load(households=50, seed=1, today=date(2026, 11, 22))
    text = _printed()

    assert "county_reviewer" not in text
    assert "漳州市慈善总会没有登记公开募捐资格" not in text
    assert "示例-公募-1 是示例" in text
    assert "芗江邻里互助会（示例）没有登记公开募捐资格" in text
