"""The set-up checklist command."""

from io import StringIO

from django.core.management import call_command

from policy.parameters import sample_parameters


def test_checklist_names_every_sample_and_every_unknown_day() -> None:
    out = StringIO()
    call_command("policy_checklist", stdout=out)
    printed = out.getvalue()
    for parameter in sample_parameters():
        assert f"{parameter.region} {parameter.title}（{parameter.name}）" in printed
    assert "350121 临时救助最高限额（temporary_aid.maximum_fen）：现为 20,000.00 元" in printed
    assert "20,000.00 元以内由 county_officer、county_reviewer 审批" in printed
    assert "暂按 2023-01-01 起" in printed
