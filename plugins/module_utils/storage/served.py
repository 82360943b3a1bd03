# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an NFS server serves what it should, as a client on a machine finds: asking, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from urllib.parse import quote as quote_url

# Each answer is one line; after one that did not come in time nothing else is asked. Lists go to stdout, where nfs-ls
# has some of its complaints too.
ASK = """set -f
ask() {
  said=$("$@" 2>&1); status=$?; [ "$status" != 0 ] || said=
  printf 'hydra-nfs %s %s\\n' "$status" "$(printf '%s ' $said)"
  [ "$status" != 124 ]
}
"""
MOUNT = "unshare --mount mount -t nfs4 -o ro,soft,timeo=50,retrans=2"
ANSWER = re.compile(r"^hydra-nfs (\d+) ?(.*)$", re.MULTILINE)
LATE = 124  # what timeout(1) ends with
# nfs-ls has mounted the export and may not list it: its directory is a user's alone, and root is squashed.
CLOSED = re.compile(r"^Failed to opendir\(.*NFS4ERR_ACCESS")


@dataclass(frozen=True)
class Answer:
    """What the client's program ended with, and said."""

    status: int
    words: str

    @property
    def served(self) -> bool:
        return self.status == 0 or CLOSED.match(self.words) is not None


def question(server: str, paths: Sequence[str], seconds: int) -> str:
    """A script for the machine's shell, which needs no Python there.

    It asks with nfs-ls, a client by itself, or with a mount that nobody else sees and that goes with the process;
    without either at least the port must answer.
    """
    timeout = f"ask timeout {seconds}"
    listings = [f"{timeout} nfs-ls {quote(f'nfs://{server}{quote_url(path)}?version=4')}" for path in paths]
    mounts = [f"{timeout} {MOUNT} {quote(f'{server}:{path}')} /mnt" for path in paths]
    # An argument of the inner shell, and no part of what it reads.
    port = f"{timeout} bash -c '<\"/dev/tcp/$0/2049\"' {quote(server)}"
    return (
        f"{ASK}if command -v nfs-ls >/dev/null; then {' && '.join(listings)}\n"
        f'elif command -v mount.nfs4 >/dev/null && [ "$(id -u)" = 0 ]; then {" && ".join(mounts)}\n'
        f"else {port}\nfi\ntrue\n"
    )


def unserved(server: str, paths: Sequence[str], seconds: int, said: str) -> list[str]:
    """A sentence for each reason why some paths are not served; C(said) is what the script printed."""
    answers = [Answer(int(status), words.strip()) for status, words in ANSWER.findall(said)]
    # A shell that could not even ask has said why.
    last = answers[-1] if answers else Answer(1, " ".join(said.split()))
    reasons: dict[str, list[str]] = {}
    for number, path in enumerate(paths):
        answer = answers[number] if number < len(answers) else last
        if not answer.served:
            reasons.setdefault(_reason(answer, seconds), []).append(path)
    return [f"NFS server {server} does not serve {', '.join(those)}: {reason}" for reason, those in reasons.items()]


def _reason(answer: Answer, seconds: int) -> str:
    if answer.status == LATE:
        return f"no answer within {seconds} s"
    # A reason ends in the path that it is about, which the sentence has named.
    return re.sub(r"\(path [^)]*\) ", "", answer.words) or f"exit status {answer.status}"
