# A service whose thread at work keeps what belongs to a request in a thread-local.
#
# Leak: what was kept for the last requests is never cleared.
# Fix: --fixed clears it after each round.
#
# Truth: grows yes
# Truth: kind object-type list Entry int dict
# Truth: holder list <- dict["entries"] <- dict <- _thread._local <- dict["CONTEXT"] <- module __main__
# Truth: holder Entry <- list <- dict["entries"] <- dict <- _thread._local <- dict["CONTEXT"] <- module __main__
# Truth: holder list <- dict["entries"] <- threading.local
# Truth: holder Entry <- list <- dict["entries"] <- threading.local
import os
import select
import sys
import threading

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000
CONTEXT = threading.local()


class Entry:
    def __init__(self, number):
        self.number, self.parts = number, [number, None, None, None]


def serve():
    CONTEXT.entries, number = [], 0
    print("process", os.getpid())
    print("ready", flush=True)
    # Ends with its standard input, of which nothing else is expected.
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        for _ in range(100 if number < LIMIT else 0):
            number += 1
            CONTEXT.entries.append(Entry(number))
        if IS_FIXED:
            CONTEXT.entries.clear()


thread = threading.Thread(target=serve)
thread.start()
thread.join()
