"""``python -m donors.paysim --port 8001``: serve the provider on the loopback address."""

import argparse
import os
import signal
import sys

from donors.paysim.serve import server


def main() -> None:
    """Serve until told to stop."""
    public = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000")
    options = argparse.ArgumentParser(prog="donors.paysim")
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8001)
    options.add_argument(
        "--webhook-url",
        default=os.environ.get("PAYSIM_WEBHOOK_URL", f"{public}/webhooks/paysim"),
    )
    options.add_argument(
        "--secret", default=os.environ.get("PAYMENT_WEBHOOK_SECRET", "whsec_paysim")
    )
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server(given.host, given.port, given.webhook_url, given.secret) as serving:
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
