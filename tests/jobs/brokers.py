"""The queue between relay and worker: a folder, or the RabbitMQ of ``BROKER_URL``; and its loss."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from kombu.connection import Connection


class FolderBroker:
    """The embedded broker in a data folder; away while the folder is."""

    environment: dict[str, str] = {"BROKER_URL": "filesystem://"}

    def __init__(self, data_dir: Path, queue: str) -> None:
        self._folder, self._queue = data_dir / "broker", queue
        self._away = data_dir / "broker.away"

    def depth(self) -> int:
        """Messages that nobody has received."""
        return len(list(self._folder.glob(f"in/*{self._queue}*")))

    def down(self) -> None:
        self._folder.rename(self._away)

    def up(self) -> None:
        self._away.rename(self._folder)

    def close(self) -> None:
        """Nothing is left elsewhere."""


class RabbitBroker:
    """A RabbitMQ behind a proxy of ours, which can be closed."""

    def __init__(self, url: str, queue: str) -> None:
        self._url, self._queue = url, queue
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self._sockets: list[socket.socket] = []
        self._port = 0
        self._delete()
        self.up()
        netloc = f"{parts.username}:{parts.password}@127.0.0.1:{self._port}"
        self.environment = {"BROKER_URL": parts._replace(netloc=netloc).geturl()}

    def depth(self) -> int:
        """Messages that nobody has received."""
        with Connection(self._url) as connection:  # type: ignore[no-untyped-call]
            try:
                found = connection.channel().queue_declare(self._queue, passive=True)
            except connection.channel_errors:
                return 0
            return int(found.message_count)

    def down(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets = []

    def up(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port), reuse_port=True)
        self._port = listener.getsockname()[1]
        self._sockets.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Delete the queue and hang up."""
        self.down()
        self._delete()

    def _delete(self) -> None:
        with Connection(self._url) as connection:  # type: ignore[no-untyped-call]
            connection.channel().queue_delete(self._queue)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self._server)
            except OSError:
                return
            self._sockets += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for each in (source, target):
        each.close()


def broker(data_dir: Path, queue: str) -> FolderBroker | RabbitBroker:
    """The broker that the environment names, else a folder."""
    url = os.environ.get("BROKER_URL", "")
    return RabbitBroker(url, queue) if url.startswith("amqp") else FolderBroker(data_dir, queue)
