"""The process that is looked at, and whether it is well."""

import os
import re
import select
import subprocess
import time

THREADS = 9
FOUND = {1: "nanosleep ended early", 2: "a number is wrong", 4: "the heap is changed", 8: "the quiet region is changed",
         16: "epoll_wait ended early", 32: "poll ended early"}
# So long after the tool's end its traces may last: the kernel lets go of what a dead tracer held within this.
GRACE_SECONDS = 1.5


class Target:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.process.stdout.readline().split()[1])
        self.start, self.end_address = (int(word, 16) for word in self.process.stdout.readline().split()[1:])
        self.process.stdout.readline()
        with open(f"/proc/{self.pid}/mem", "rb", 0) as memory:
            memory.seek(self.start)
            self.quiet = memory.read(self.end_address - self.start)
        self.reported = set()  # children that were told of already

    @property
    def region(self):
        return f"{self.start:#x}-{self.end_address:#x}"

    def ask(self, line=""):
        """The words of its answer, or None where it does not answer."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            return None
        if not select.select([self.process.stdout], [], [], 3)[0]:
            return None
        return self.process.stdout.readline().split()

    def pulse(self):
        """The longest gap in milliseconds since it was last asked, and what it found wrong with itself."""
        answer = self.ask()
        if not answer or len(answer) != 2:
            return float("inf"), ["it does not answer"]
        return int(answer[0]) / 1e6, [text for bit, text in FOUND.items() if int(answer[1]) & bit]

    def harm(self):
        """What is not as it was, and did not become so within a while; and what did."""
        deadline = time.monotonic() + GRACE_SECONDS
        harm = passed = self.harm_now()
        while harm and time.monotonic() < deadline:
            time.sleep(0.02)
            harm = self.harm_now()
        self.reported |= {text for text in harm if text.startswith("child ")}
        names = sorted({re.sub(r"\d+ ", "", text) for text in harm})
        return names, sorted({re.sub(r"\d+ ", "", text) for text in passed} - set(names))

    def harm_now(self):
        if self.process.poll() is not None:
            return {f"dead ({self.process.returncode})"}
        return self.thread_harm() | (self.children() - self.reported)

    def thread_harm(self):
        harm = set()
        threads = os.listdir(f"/proc/{self.pid}/task")
        if len(threads) != THREADS:
            harm.add(f"{len(threads)} threads of {THREADS}")
        for thread in threads:
            try:
                with open(f"/proc/{self.pid}/task/{thread}/status") as file:
                    status = file.read()
            except OSError:
                continue  # counted as missing
            if re.search(r"^State:\t[TtZX]", status, re.M):
                harm.add("a thread is " + re.search(r"^State:\t\w \((.*)\)", status, re.M)[1])
            if not re.search(r"^TracerPid:\t0$", status, re.M):
                harm.add("a thread is traced")
        return harm

    def children(self):
        found = set()
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{thread}/children") as file:
                    numbers = file.read().split()
                for number in numbers:
                    with open(f"/proc/{number}/stat") as file:
                        state = file.read().rpartition(") ")[2][0]
                    found.add(f"child {number} {state}")
            except OSError:
                pass  # it has ended meanwhile
        return found

    def close(self):
        self.process.kill()
        self.process.wait()
