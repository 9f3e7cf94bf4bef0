# A service that streams rows by generators.
#
# Leak: who asked goes away in the middle, and the generators are kept for a reader that does not come back.
# Fix: --fixed closes them, which lets their rows go.
#
# Truth: grows yes
# Truth: kind object-type bytearray generator Row bytearray_iterator int dict
# Truth: allocates python
# Truth: holder generator stream
# Truth: holder Row <- generator stream
# Truth: holder bytearray_iterator <- generator stream
# Truth: holder list <- dict["STREAMS"] <- module __main__
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 50000


class Row:
    def __init__(self, number):
        self.number, self.data = number, bytearray(700)


def stream(number):
    row = Row(number)
    for byte in row.data:
        yield byte


STREAMS = []
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(20 if number < LIMIT else 0):
        number += 1
        rows = stream(number)
        next(rows)
        STREAMS.append(rows)
        if IS_FIXED:
            STREAMS.pop().close()
