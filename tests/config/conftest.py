"""One embedded cluster for the tests of this folder, apart from the one the other tests use."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded


@pytest.fixture(scope="session")
def cluster_dir() -> Iterator[Path]:
    """A folder in which a cluster may be made; the cluster goes with it."""
    with tempfile.TemporaryDirectory(prefix="1798-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "postgres"


@pytest.fixture(scope="session")
def server(cluster_dir: Path) -> Iterator[embedded.Server]:
    running = embedded.start(cluster_dir, settings=embedded.TEST_SETTINGS)
    yield running
    running.stop()
    embedded.delete(cluster_dir)
