# A service whose handler counts what it was asked, in a variable of the function that made it.
#
# Leak: the list in the closure has every request.
# Fix: --fixed keeps the last 100.
#
# Truth: grows yes
# Truth: kind object-type Request bytes int dict
# Truth: holder list <- cell <- tuple <- function <- dict["handle"] <- module __main__
# Truth: holder Request <- list <- cell <- tuple <- function <- dict["handle"] <- module __main__
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Request:
    def __init__(self, number):
        self.number, self.body = number, b"GET /items/%d" % number


def make_handler():
    seen = []

    def handle(request):
        seen.append(request)
        if IS_FIXED:
            del seen[:-100]
        return len(seen)

    return handle


handle = make_handler()
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(100 if number < LIMIT else 0):
        number += 1
        handle(Request(number))
