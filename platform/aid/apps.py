from django.apps import AppConfig


class AidConfig(AppConfig):
    name = "aid"
    verbose_name = "救助台账"

    def ready(self) -> None:
        """Make this app's files importable."""
        from aid import rows  # noqa: F401
