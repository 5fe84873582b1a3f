"""Keys of a deployment: from the environment, else from a 0600 file made on the first start."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from kernel.crypto import Keyring


@dataclass(frozen=True)
class Secrets:
    """Django's signing key and the keyring of encrypted fields."""

    django_key: str
    keyring: Keyring


def _fresh() -> dict[str, object]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "django_key": secrets.token_urlsafe(48),
        "field_keys": {"k001": key()},
        "current_field_key": "k001",
        "lookup_key": key(),
    }


def load_secrets(data_dir: Path) -> Secrets:
    """Return the keys from ``SECRETS_FILE`` or ``data_dir/secrets.json`` (made with mode 0600)."""
    path = Path(os.environ.get("SECRETS_FILE", data_dir / "secrets.json"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # O_EXCL: of two processes that start at once, one makes the keys and both read them.
            handle = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                json.dump(_fresh(), file)
            path.with_suffix(".new").rename(path)
    stored = json.loads(path.read_text())
    return Secrets(
        django_key=stored["django_key"],
        keyring=Keyring(
            {key_id: base64.b64decode(key) for key_id, key in stored["field_keys"].items()},
            stored["current_field_key"],
            base64.b64decode(stored["lookup_key"]),
        ),
    )
