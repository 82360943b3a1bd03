# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers every request with one word, by which client.py knows it."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"drill")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: nobody reads it."""


ThreadingHTTPServer(("", 8080), Answer).serve_forever()
