# A service that starts a task for each request.
#
# Leak: the task waits for an answer that never comes, and keeps the request.
# Fix: --fixed gives up at once.
#
# Truth: grows yes
# Truth: kind object-type bytearray Request coroutine _asyncio.Task
# Truth: holder Request <- coroutine answer
# Truth: holder coroutine answer
# Truth: holder _asyncio.Task <- set <- coroutine serve
# Truth: holder set <- coroutine serve
# Truth: allocates python
import asyncio
import os
import select
import sys

IS_FIXED = sys.argv[1:] == ["--fixed"]
LIMIT = 50000


class Request:
    def __init__(self, number):
        self.number, self.body = number, bytearray(900)


async def answer(request, reply):
    await reply
    return request.body


async def serve():
    print("process", os.getpid())
    print("ready", flush=True)
    tasks, number = set(), 0
    # Ends with its standard input, of which nothing else is expected.
    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(20 if number < LIMIT else 0):
            number += 1
            reply = asyncio.get_running_loop().create_future()
            task = asyncio.ensure_future(answer(Request(number), reply))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if IS_FIXED:
                reply.set_result(None)
        await asyncio.sleep(0.02)
    os._exit(0)


asyncio.run(serve())
