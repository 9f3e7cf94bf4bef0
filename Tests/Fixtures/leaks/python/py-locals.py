# A service that never returns from the function that serves.
#
# Leak: the list of what it has done is a variable of that function, and grows as long as it runs.
# Fix: --fixed forgets it after each round.
#
# Truth: grows yes
# Truth: kind object-type list Job int dict
# Truth: holder list <- frame of serve
# Truth: holder Job <- list <- frame of serve
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Job:
    def __init__(self, number):
        self.number, self.parts = number, [number, None, None, None]


def serve():
    done, number = [], 0
    print("process", os.getpid())
    print("ready", flush=True)
    # Ends with its standard input, of which nothing else is expected.
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        for _ in range(100 if number < LIMIT else 0):
            number += 1
            done.append(Job(number))
        if IS_FIXED:
            done.clear()


serve()
