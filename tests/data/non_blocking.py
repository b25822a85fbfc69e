"""Runs a program with a stream in non-blocking mode, as a parent that shares it leaves it behind.

non_blocking.py MODE KIND STREAM PROGRAM...: MODE is blocking or non-blocking; KIND is pipe, small-pipe, socket or terminal; STREAM is stdin, stdout or stderr.
Prints what the program writes to the stream, read in small pieces; for stdin, passes its own input on, slowly.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
import tty

mode, kind, stream, *program = sys.argv[1:]
if kind == "socket":
    near, far = (one.detach() for one in socket.socketpair())
elif kind == "terminal":
    near, far = os.openpty()
    tty.setraw(far)
else:
    near, far = os.pipe()
    if kind == "small-pipe":
        fcntl.fcntl(far, fcntl.F_SETPIPE_SZ, 4096)
if stream == "stdin" and kind != "socket":
    near, far = far, near
os.set_blocking(far, mode == "blocking")
child = subprocess.Popen(program, **{"stdin": subprocess.DEVNULL, stream: far})
# The program has its own descriptor of the same open stream.
os.close(far)

if stream == "stdin":
    # Byte by byte, so that the program finds nothing most of the time.
    for byte in sys.stdin.buffer.read():
        os.write(near, bytes([byte]))
        time.sleep(0.002)
    os.close(near)
else:
    while True:
        try:
            piece = os.read(near, 512)
        except OSError:  # the other side of a terminal is closed
            piece = b""
        if not piece:
            break
        sys.stdout.buffer.write(piece)
    sys.stdout.flush()
sys.exit(child.wait())
