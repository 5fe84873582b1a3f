"""The policy app: rules as code. It has no tables."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Checks every parameter file on start-up, so that a bad one stops the server."""

    name = "policy"
    label = "policy"
    verbose_name = "政策"

    def ready(self) -> None:
        from policy.parameters import current_book

        current_book()
