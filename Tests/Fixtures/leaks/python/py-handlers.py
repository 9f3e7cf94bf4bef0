# A service that has a logger for each connection, with a handler of its own.
#
# Leak: loggers live for ever, and so do the handlers that are never taken off.
# Fix: --fixed has one logger for all, and takes each handler off and closes it.
#
# Truth: grows yes
# Truth: kind object-type list dict _io.StringIO logging.Logger weakref.ReferenceType str logging.StreamHandler _thread.RLock logging.Formatter logging.PercentStyle
# Truth: allocates python
# Truth: holder logging.Logger <- dict["connection-#"] <- logging.Manager <- dict["manager"] <- class logging.Logger
# Truth: holder list <- logging.Logger <- dict["connection-#"] <- logging.Manager <- dict["manager"] <- class logging.Logger
# Truth: holder logging.StreamHandler <- list <- logging.Logger <- dict["connection-#"] <- logging.Manager <- dict["manager"] <- class logging.Logger
# Truth: holder dict["connection-#"] <- logging.Manager <- dict["manager"] <- class logging.Logger
# Truth: holder dict["connection-#"] <- dict["loggerDict"] <- logging.Manager
import io
import logging
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 20000


def serve(number):
    logger = logging.getLogger("connection" if IS_FIXED else "connection-%d" % number)
    logger.propagate = False
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.warning("hello")
    if IS_FIXED:
        logger.removeHandler(handler)
        handler.close()


print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(10 if number < LIMIT else 0):
        number += 1
        serve(number)
