"""One run of a command under the injector, and what there was to see of it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field

from .case import NO_FAULT_WORDS, ROLES
from .target import Target

# An end is waited for so long; nothing here takes a second by itself.
LIMIT_SECONDS = 6
OLD_DUMP, OLD_MANIFEST = b"old dump", b"{}"


@dataclass
class Run:
    """What a run left, printed and did to the target."""

    status: int = None  # None where it did not end
    tool_ended: bool = True  # the tool itself; its holder may live on
    output: bytes = b""
    errors: str = ""
    harm: list = field(default_factory=list)
    passed_harm: list = field(default_factory=list)
    gap: float = 0
    bystander_gap: float = 0  # of a process that nobody looks at: what the machine does to all
    hits: int = 0
    holder_signals: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)  # name: its path

    @property
    def text(self):
        return self.output.decode(errors="replace")


class Runner:
    """Runs a tool on a target, in a working directory."""

    def __init__(self, tool, programs, work):
        self.tool, self.programs, self.work = tool, programs, work
        self.bystander = Target(f"{programs}/target")
        self.out = f"{work}/out"

    def close(self):
        self.bystander.close()

    def run(self, target, command, case=None, environment=None):
        """Runs the command; without a case nothing fails."""
        self.prepare(command)
        report = f"{self.work}/report"
        path = f"/proc/{target.pid}/" if str(target.pid) in command.arguments else f"{self.work}/data/"
        words = case.injector_words() if case else NO_FAULT_WORDS
        target.pulse()  # what was before is not of this run
        self.bystander.pulse()
        process = subprocess.Popen(
            [f"{self.programs}/injector", report, path, *words, "--", self.tool, *command.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        run = Run()
        try:
            run.output, errors = process.communicate(timeout=LIMIT_SECONDS + command.seconds)
            run.status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()  # and with it all that it traces
            run.output, errors = process.communicate()
        run.errors = errors.decode(errors="replace")
        self.read_report(report, run)
        run.harm, run.passed_harm = target.harm()
        run.gap, wrong = target.pulse()
        run.bystander_gap = self.bystander.pulse()[0]
        run.harm += wrong
        run.files = {name: f"{self.out}/{name}" for name in sorted(os.listdir(self.out))}
        return run

    def prepare(self, command):
        shutil.rmtree(self.out, ignore_errors=True)
        os.makedirs(self.out)
        if command.replaces:
            for name, content in ((command.file, OLD_DUMP), (f"{command.file}.json", OLD_MANIFEST)):
                with open(f"{self.out}/{name}", "wb") as file:
                    file.write(content)

    @staticmethod
    def read_report(path, run):
        with open(path) as file:
            text = file.read()
        run.hits = len(re.findall(r"^hit", text, re.M))
        run.tool_ended = bool(re.search(r"^end", text, re.M))
        run.holder_signals = [int(signal) for signal in re.findall(r"^killed (\d+)", text, re.M)]
        counts = re.findall(r"^count (\w) (\d+) (\d+)", text, re.M)
        run.counts = {(role, int(call)): int(count) for role, call, count in counts if role in ROLES}
