"""Set-up does each part once, and again when what it was made from changed."""

import os
from pathlib import Path

import pytest

from config import toolchain

NPM = """#!/bin/bash
echo "$*" >> "$LOG"
mkdir -p node_modules
if [ "$1" = run ]; then mkdir -p dist; touch dist/index.html; fi
"""
LOCK_TEXT = """tzdata==2026.1 \\
    --hash=sha256:cc
    # via django
uv==0.9.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r requirements-dev.in
vine==5.1.0 \\
    --hash=sha256:dd
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end whose npm notes what it was asked to do."""
    frontend = tmp_path / "frontend"
    (frontend / "src").mkdir(parents=True)
    (frontend / "package.json").write_text("{}")
    (frontend / "package-lock.json").write_text("{}")
    (frontend / "src" / "main.ts").write_text("1")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"npm": NPM, "node": "#!/bin/bash\necho v22.12.0\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setattr(toolchain, "ROOT", tmp_path)
    monkeypatch.setattr(toolchain, "FRONTEND", frontend)
    monkeypatch.setattr(toolchain, "LOCK", tmp_path / "requirements-dev.lock")
    monkeypatch.setattr(toolchain, "VENV", tmp_path / ".venv")
    return tmp_path


def calls(project: Path) -> list[str]:
    log = project / "log"
    found = [line.split(" --")[0] for line in log.read_text().splitlines()] if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def test_the_front_end_is_built_once_and_again_when_a_source_changed(project: Path) -> None:
    toolchain.frontend()
    assert calls(project) == ["ci", "run build"]
    toolchain.frontend()
    assert calls(project) == []

    (project / "frontend" / "src" / "main.ts").write_text("2")
    toolchain.frontend()
    assert calls(project) == ["run build"]

    (project / "frontend" / "package-lock.json").write_text('{"a": 1}')
    toolchain.frontend()
    assert calls(project) == ["ci", "run build"]

    (project / "frontend" / "dist" / "index.html").unlink()
    (project / "frontend" / "dist").rmdir()
    toolchain.frontend()
    assert calls(project) == ["run build"]


def test_an_old_node_gives_way_to_the_one_of_the_lock(project: Path) -> None:
    assert not toolchain.node_path().startswith(str(project / ".venv"))
    (project / "bin" / "node").write_text("#!/bin/bash\necho v18.20.4\n")
    assert toolchain.node_path().startswith(str(project / ".venv" / "bin"))


def test_a_linked_environment_is_never_installed_into(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = project / "shared"
    elsewhere.mkdir()
    (project / ".venv").symlink_to(elsewhere)
    toolchain.backend()
    assert "used as it is" in capsys.readouterr().out
    assert list(elsewhere.iterdir()) == []


def test_the_lock_names_uv_with_its_hashes_and_nothing_else_is_taken() -> None:
    found = toolchain.pinned("uv", LOCK_TEXT)
    assert found == ("uv==0.9.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n")
    assert toolchain.pinned("tzdata", LOCK_TEXT) == "tzdata==2026.1 \\\n    --hash=sha256:cc\n"
    assert toolchain.pinned("absent", LOCK_TEXT) == ""
