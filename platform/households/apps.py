from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "households"
    verbose_name = "家庭"

    def ready(self) -> None:
        """Make this app's files importable."""
        from households import rows  # noqa: F401
