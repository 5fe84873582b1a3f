from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "casework"
    verbose_name = "个案"

    def ready(self) -> None:
        """Make this app's files importable."""
        from casework import rows  # noqa: F401
