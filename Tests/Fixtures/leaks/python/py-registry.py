# A service whose classes keep a list of all that was made of them, for a page that nobody opens.
#
# Leak: an order stays in the list of its class when it is done.
# Fix: --fixed takes it out.
#
# Truth: grows yes
# Truth: kind object-type Order tuple str int dict
# Truth: holder list <- dict["everything"] <- class Order
# Truth: holder Order <- list <- dict["everything"] <- class Order
# Truth: holder tuple <- Order <- list <- dict["everything"] <- class Order
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Order:
    everything = []

    def __init__(self, number):
        self.number, self.lines = number, ("line-%d" % number, number, 1.5, None)
        self.everything.append(self)

    def finish(self):
        if IS_FIXED:
            self.everything.remove(self)


print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(100 if number < LIMIT else 0):
        number += 1
        Order(number).finish()
