# A service that has turned the collector of cycles off, for its pauses.
#
# Leak: each tree has nodes that know their parents, which only the collector would take back.
# Fix: --fixed breaks the cycle when the tree is done.
#
# Truth: grows yes
# Truth: kind object-type bytearray Node list dict
# Truth: holder nobody
import gc
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 100000


class Node:
    def __init__(self, parent):
        self.parent, self.children, self.data = parent, [], bytearray(100)


gc.disable()
print("process", os.getpid())
print("ready", flush=True)
number = 0
# Ends with its standard input, of which nothing else is expected.
while not select.select([sys.stdin], [], [], 0.02)[0]:
    for _ in range(40 if number < LIMIT else 0):
        number += 1
        tree = Node(None)
        tree.children = [Node(tree), Node(tree)]
        if IS_FIXED:
            tree.children.clear()
