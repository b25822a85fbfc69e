"""Counts the signals that it gets until the file that its argument names exists, and exits with 3."""

import os
import signal
import sys
import time

got = []


def count(number: int, _frame: object) -> None:
    got.append(signal.Signals(number).name)
    os.write(2, b"signaled\n")  # print() may be at work


for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, count)
print("serving", file=sys.stderr, flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
time.sleep(0.3)  # a second signal comes after a moment
print("got", *got, file=sys.stderr, flush=True)
sys.exit(3)
