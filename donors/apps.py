from django.apps import AppConfig


class DonorsConfig(AppConfig):
    name = "donors"
    verbose_name = "捐赠"

    def ready(self) -> None:
        """Make the tasks known."""
        import donors.tasks  # noqa: F401
