"""All cases of the commands asked for, in an order that is fair to each when time runs out."""

import os
import random
import subprocess
import sys
import time
from collections import Counter

from .case import cases
from .commands import commands
from .judge import Judge, baseline
from .report import Result, classify
from .runner import Runner
from .target import Target

SEED = 7
# Of each command, where not all is asked for: in all some hundred cases.
SAMPLE = 18
# After so many hangs of a call of a command its other cases are left out: each costs seconds, and tells nothing new.
HANG_LIMIT = 3


class Campaign:
    def __init__(self, programs, tool, work):
        self.programs, self.tool, self.work = programs, tool, work
        self.runner = Runner(tool, programs, work)
        self.start_target()
        self.prepare_files()
        self.target.ask("grow")
        self.bases = {}
        self.hangs = Counter()
        self.left_out = 0

    def close(self):
        self.target.close()
        self.runner.close()

    def start_target(self):
        self.target = Target(f"{self.programs}/target")
        self.commands = commands(self.target, self.work)

    def renew_target(self):
        """One that was harmed is no measure of the next case. The new one is like it, at the same addresses."""
        self.target.close()
        self.start_target()
        self.target.ask("grow")

    def prepare_files(self):
        """A good dump, one with a bit changed, and a core from before the target grew."""
        pid = str(self.target.pid)
        region = ["dump", pid, "-r", self.target.region, "--sha256", "-o"]
        data = f"{self.work}/data"
        os.makedirs(data)
        for arguments in ([*region, f"{data}/good.raw"], [*region, f"{data}/bad.raw"],
                          ["dump", pid, "--all", "--mode", "stop", "-o", f"{data}/good.core"]):
            subprocess.run([self.tool, *arguments], check=True, capture_output=True)
        with open(f"{data}/bad.raw", "r+b") as file:
            file.seek(1_000_003)
            byte = file.read(1)[0]
            file.seek(1_000_003)
            file.write(bytes([byte ^ 1]))

    def measure(self, names):
        """Runs each command twice without a fault. The second run has to be judged well."""
        noisy = []
        for name in names:
            command = self.commands[name]
            run = self.runner.run(self.target, command)
            if run.status not in command.statuses:
                sys.exit(f"{name} ends with {run.status}: {run.errors}")
            self.bases[name] = baseline(run, command, self.target)
            again = self.runner.run(self.target, command)
            noisy += [(name, item) for item in self.judge(name).verdicts(again, None)]
        return noisy

    def judge(self, name):
        return Judge(self.tool, self.target, self.commands[name], self.bases[name])

    def plan(self, names, is_full):
        """(command, case), the commands in turn: first those of the first, second, middle and last calls."""
        queues = []
        for salt, name in enumerate(names):
            first, later = cases(self.bases[name].counts, salt)
            order = random.Random(f"{SEED} {name}")
            order.shuffle(first)
            order.shuffle(later)
            queue = first + later if is_full else first[:SAMPLE]
            queues.append([(name, case) for case in queue])
        longest = max(map(len, queues), default=0)
        # Fair to each command, when time runs out.
        return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]

    def results(self, plan, seconds):
        begin = time.monotonic()
        for name, case in plan:
            if time.monotonic() - begin > seconds:
                return
            if self.hangs[name, case.role, case.call] >= HANG_LIMIT:
                self.left_out += 1
                continue
            yield self.result(name, case)

    def result(self, name, case):
        """Runs the case; once more where something was found, since the machine is not ours alone."""
        result = self.attempt(name, case)
        if result.verdict not in ("well", "not-met", "documented", "harm"):
            result.repeated = self.attempt(name, case).verdict not in ("well", "not-met")
        if result.verdict == "hang":
            self.hangs[name, case.role, case.call] += 1
        return result

    def attempt(self, name, case):
        run = self.runner.run(self.target, self.commands[name], case)
        found, documented = classify(run, case, self.judge(name).verdicts(run, case))
        if any(verdict == "harm" and detail != "child Z" for verdict, detail in found):
            self.renew_target()
        return Result(name, case, run.hits, run.status, found, documented, run.errors)
