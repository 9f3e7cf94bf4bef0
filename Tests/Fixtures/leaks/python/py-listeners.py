# A service that has every session listen to its bus.
#
# Leak: a session that has ended is never taken off the listeners of the bus, which keep it by its bound method.
# Fix: --fixed takes it off.
#
# Truth: grows yes
# Truth: kind object-type Session method dict list str int
# Truth: holder Session <- method <- list <- Bus <- dict["BUS"] <- module __main__
# Truth: holder list <- Session <- method <- list <- Bus <- dict["BUS"] <- module __main__
# Truth: holder method <- list <- Bus <- dict["BUS"] <- module __main__
# Truth: holder method <- list <- dict["listeners"] <- Bus <- dict["BUS"] <- module __main__
# Truth: holder method <- list <- dict <- Bus <- dict["BUS"] <- module __main__
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Bus:
    def __init__(self):
        self.listeners = []


class Session:
    def __init__(self, number):
        self.number, self.token, self.seen = number, "token-%d-%032d" % (number, number), [number, None, None]

    def on_event(self, event):
        self.seen.append(event)


BUS = Bus()
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(100 if number < LIMIT else 0):
        number += 1
        session = Session(number)
        BUS.listeners.append(session.on_event)
        if IS_FIXED:
            BUS.listeners.pop()
