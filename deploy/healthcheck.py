"""Asks the web server in this container whether it is well; a container's health check."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip()
    # As the proxy in front would ask: a request for another host, or without TLS before it, is refused.
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
