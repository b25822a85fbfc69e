"""Starts a command and forwards signals to it, as `uv run` and `npx` do."""

import os
import signal
import subprocess
import sys

child = subprocess.Popen(sys.argv[1:])


def forward(number: int, _frame: object) -> None:
    child.send_signal(number)
    os.write(2, b"forwarded\n")  # print() may be at work


for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, forward)
print("launched", file=sys.stderr, flush=True)
sys.exit(child.wait())
