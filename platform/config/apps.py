from django.apps import AppConfig
from django.db.backends.signals import connection_created

from config.durability import refuse_lossy_commits


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "配置"

    def ready(self) -> None:
        connection_created.connect(refuse_lossy_commits)
