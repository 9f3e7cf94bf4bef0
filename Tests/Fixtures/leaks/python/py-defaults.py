# A service with a function that has a list as a default argument.
#
# Leak: there is one such list for all calls, and it keeps what each of them puts in.
# Fix: --fixed gives the call a list of its own.
#
# Truth: grows yes
# Truth: kind object-type Event bytes int dict
# Truth: holder list <- tuple <- function <- dict["collect"] <- module __main__
# Truth: holder Event <- list <- tuple <- function <- dict["collect"] <- module __main__
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Event:
    def __init__(self, number):
        self.number, self.text = number, b"event %d" % number


def collect(event, events=[]):
    events.append(event)
    return events


print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(100 if number < LIMIT else 0):
        number += 1
        if IS_FIXED:
            collect(Event(number), [])
        else:
            collect(Event(number))
