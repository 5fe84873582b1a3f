"""The one exception that a rule or a service raises to say no."""

from typing import Any


class Refused(Exception):
    """A request that breaks a rule; nothing has been written when it is raised.

    ``code`` is for programs (``wrong_state``), ``message`` is Chinese and says what to do,
    ``details`` holds the values behind it, never a full resident ID.

    >>> Refused("overlap", "该需求已由其他救助覆盖", residual_fen=0).details
    {'residual_fen': 0}
    """

    def __init__(self, code: str, message: str, /, **details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details


def wrong_value(code: str, message: str, /, *fields: str, **details: Any) -> Refused:
    """Return a refusal of what was typed, told beside each of the ``fields`` of the form.

    >>> wrong_value("name_missing", "请填写项目名称", "name").details
    {'fields': {'name': '请填写项目名称'}}
    """
    return Refused(code, message, fields=dict.fromkeys(fields, message), **details)
