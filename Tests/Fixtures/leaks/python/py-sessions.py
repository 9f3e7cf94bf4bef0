# A service that keeps the sessions of its users in a dictionary of the module, by site and by token.
#
# Leak: a session that has ended is marked so, and stays.
# Fix: --fixed deletes it.
#
# Truth: grows yes
# Truth: kind object-type Session str bytes dict int
# Truth: holder dict["token-#"] <- dict["example.org"] <- dict["SESSIONS"] <- module __main__
# Truth: holder Session <- dict["token-#"] <- dict["example.org"] <- dict["SESSIONS"] <- module __main__
# Truth: holder dict <- dict["example.org"] <- dict["SESSIONS"] <- module __main__
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 200000


class Session:
    def __init__(self, number):
        self.number, self.user, self.has_ended = number, b"user-%d" % number, False


SESSIONS = {"example.org": {}, "example.com": {}}
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(100 if number < LIMIT else 0):
        number += 1
        SESSIONS["example.org"]["token-%d" % number] = session = Session(number)
        session.has_ended = True
        if IS_FIXED:
            del SESSIONS["example.org"]["token-%d" % number]
