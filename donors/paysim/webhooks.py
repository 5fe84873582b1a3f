"""Sending signed webhooks, again until they are taken; with knobs for what goes wrong."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

RETRY_SECONDS = (0.1, 1.0, 2.0, 4.0, 8.0)


@dataclass
class Knobs:
    """What goes wrong: extra copies, seconds of delay, events lost, pairs sent in reverse."""

    duplicate: int = 0
    delay: float = 0.0
    drop: int = 0
    reorder: bool = False

    def set(self, values: dict[str, Any]) -> dict[str, Any]:
        """Take new values; raises ``ValueError`` for an unknown knob."""
        for name, value in values.items():
            if name not in asdict(self):
                raise ValueError(f"no knob is called {name}")
            setattr(self, name, type(getattr(self, name))(value))
        return asdict(self)


def signature(payload: bytes, secret: str, at: int) -> str:
    """Return the ``Stripe-Signature`` header: ``t=<unix time>,v1=<HMAC-SHA256 of t.payload>``."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class Sender:
    """Delivers events on threads of its own, so that the payer never waits."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret, self.knobs = url, secret, Knobs()
        self._kept_back: dict[str, Any] | None = None
        self._lock = threading.Lock()
        #: (event id, HTTP status) of every attempt, for tests.
        self.attempts: list[tuple[str, int]] = []

    def send(self, happened: dict[str, Any]) -> None:
        """Queue an event as the knobs say."""
        with self._lock:
            if self.knobs.drop > 0:
                self.knobs.drop -= 1
                return
            batch = [happened]
            if self.knobs.reorder:
                if self._kept_back is None:
                    self._kept_back = happened
                    return
                batch, self._kept_back = [happened, self._kept_back], None
            copies = [one for one in batch for _ in range(1 + self.knobs.duplicate)]
        threading.Thread(target=self._deliver, args=(copies,), daemon=True).start()

    def _deliver(self, copies: list[dict[str, Any]]) -> None:
        time.sleep(self.knobs.delay)
        for one in copies:
            payload = json.dumps(one).encode()
            for pause in (*RETRY_SECONDS, 0.0):
                status = self._post(payload)
                self.attempts.append((one["id"], status))
                if 200 <= status < 300:
                    break
                time.sleep(pause)

    def _post(self, payload: bytes) -> int:
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
            self.url,
            data=payload,
            headers={
                "Content-Type": "application/json",
                "Stripe-Signature": signature(payload, self.secret, int(time.time())),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310
                return int(reply.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0
