from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "exchange"
    verbose_name = "数据交换"

    def ready(self) -> None:
        """Make the task known."""
        from exchange import tasks  # noqa: F401
