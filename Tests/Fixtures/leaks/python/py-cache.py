# A service that looks users up, and remembers what it was told.
#
# Leak: the cache of the function has no limit, and every request has a key of its own.
# Fix: --fixed keeps 500.
#
# Truth: grows yes
# Truth: kind object-type dict User list str
# Truth: holder User <- dict["user-#"] <- functools._lru_cache_wrapper <- dict["look_up"] <- module __main__
# Truth: holder dict["user-#"] <- functools._lru_cache_wrapper <- dict["look_up"] <- module __main__
# Truth: holder dict <- User <- dict["user-#"] <- functools._lru_cache_wrapper <- dict["look_up"] <- module __main__
import functools
import os
import select
import sys

LIMIT = 200000


class User:
    def __init__(self, name):
        self.name, self.rights, self.notes = name, {"read": True, name: False}, [name] * 4


@functools.lru_cache(maxsize=500 if sys.argv[1:] == ["--fixed"] else None)
def look_up(name):
    return User(name)


for number in range(1000):
    look_up("user-%d" % number)
print("process", os.getpid())
print("ready", flush=True)
number = 1000
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(60 if number < LIMIT else 0):
        number += 1
        look_up("user-%d" % number)
