# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks each NAME=URL of its command line five times a second, and writes a line for each: when, NAME, ok or lost.

One that is not answered within a second is lost; nothing is asked twice, as a person would do who reloads a page.
"""

import os
import sys
import threading
import time
import urllib.request

EVERY, PATIENCE = 0.2, 1.0


def ask(name: str, url: str, host: str) -> None:
    request = urllib.request.Request(url, headers={"Host": host})
    while True:
        began = time.time()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                result = "ok" if answer.read(16) == b"drill" else "lost"
        except OSError:
            result = "lost"
        if time.time() - began > PATIENCE:  # of several addresses, each gets that time
            result = "lost"
        print(f"{began:.2f} {name} {result}", flush=True)
        # Its pace is all that this is for.
        time.sleep(max(0.0, EVERY - (time.time() - began)))


for target in sys.argv[1:]:
    threading.Thread(target=ask, args=(*target.split("=", 1), os.environ.get("DRILL_HOST", ""))).start()
