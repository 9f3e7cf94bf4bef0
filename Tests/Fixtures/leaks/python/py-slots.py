# A service that measures itself, with small objects that have no dictionary, in a deque that was to be a window.
#
# Leak: the deque has no bound.
# Fix: --fixed keeps the last 1,000.
#
# Truth: grows yes
# Truth: kind object-type float tuple Sample
# Truth: allocates python
# Truth: holder collections.deque <- Window <- dict["WINDOW"] <- module __main__
# Truth: holder Sample <- collections.deque <- Window <- dict["WINDOW"] <- module __main__
# Truth: holder tuple <- Sample <- collections.deque <- Window <- dict["WINDOW"] <- module __main__
import collections
import os
import select
import sys

LIMIT = 400000


class Sample:
    __slots__ = ("time", "value", "labels")

    def __init__(self, number):
        self.time, self.value, self.labels = number / 7, number / 3, (number / 11, None)


class Window:
    def __init__(self, bound):
        self.samples = collections.deque(maxlen=bound)


WINDOW = Window(1000 if sys.argv[1:] == ["--fixed"] else None)
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(200 if number < LIMIT else 0):
        number += 1
        WINDOW.samples.append(Sample(number))
