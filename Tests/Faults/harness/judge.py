"""What is wrong with a run: the rules that hold whatever fails."""

import re
import signal
import subprocess
from dataclasses import dataclass

from .core import core_facts
from .runner import OLD_DUMP, OLD_MANIFEST

# The verdicts, worst first, with what each means.
VERDICTS = {
    "harm": "the target is not as it was: a thread is missing, stopped or traced, a self-check fails, a child or zombie stays",
    "pause": "the target stood still for longer than a stop and a late call may take together",
    "crash": "tool or holder was ended by a signal, or by a trap of Swift",
    "hang": "no end within seconds, or the holder outlives the tool",
    "half-file": "a file is kept of a dump that failed, or missing of one that did not, or `verify` refuses it",
    "old-changed": "--force failed, and the old dump and manifest are not as they were, or not of each other",
    "temporary": "a file is left that nobody asked for",
    "silent-error": "a failure without a sentence on standard error, or a shortfall (status 3, 4) without one anywhere",
    "untrue": "it says that the target has ended, and no call has told it so",
    "silent-difference": "another answer than without the fault, and nothing in it tells so",
    "status": "an exit status that does not fit",
}
DONE = {0, 3, 4}  # something was got
ABSENT = ("ENOENT", "ESRCH")
LOOK_UPS = ("getdents64", "newfstatat", "openat", "read", "readlink", "statfs")
# Beside what the machine keeps a process waiting that nobody looks at.
PAUSE_LIMIT_MILLISECONDS = 1000  # 500 ms of --max-pause, and some
LATE_PAUSE_LIMIT_MILLISECONDS = 1700  # and a call that comes 700 ms late
CRASH_SIGNALS = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP}
# How the tool says that something is not as it could be.
SHORTFALL = re.compile(
    r"unread|not read|not be|cannot|could not|no longer|not resident|not known|unknown|missing|incomplete|truncated|"
    r"WARNING|NOTE|ended|without|fail|not permitted|denied|at least|ran out|live|instead|too low|left out|no time|not |\bno:", re.I)


@dataclass(frozen=True)
class Baseline:
    """What a command does when nothing fails."""

    status: int
    output: str  # plain
    errors: str
    core: object
    counts: dict


def baseline(run, command, target):
    path = run.files.get(command.file)
    core = core_facts(path, target) if path and path.endswith(".core") else None
    output, errors = plain(command, run.text, target), plain(command, run.errors, target)
    return Baseline(run.status, output, errors, core, run.counts)


def plain(command, text, target):
    # A dump names the target of its time.
    return command.plain(re.sub(rf"\b({target.pid}\b|\d+(?= \(target\)))", "PID", text))


class Judge:
    """Judges runs of a command on a target against its baseline."""

    def __init__(self, tool, target, command, base):
        self.tool, self.target, self.command, self.base = tool, target, command, base

    def verdicts(self, run, case):
        """What is wrong, as (verdict, detail); nothing where all is well."""
        found = [("harm", text) for text in run.harm]
        found += self.of_time(run, case)
        if run.status is not None:
            found += [*self.of_end(run, case), *self.of_files(run), *self.of_claims(run, case)]
            # Who reads no further gets no more, and is told nothing: that is success.
            if not fails(case, "write", "EPIPE"):
                found += self.of_answer(run, case)
        return found

    def of_time(self, run, case):
        late = case is not None and case.fault.startswith("delay-")
        limit = LATE_PAUSE_LIMIT_MILLISECONDS if late else PAUSE_LIMIT_MILLISECONDS
        if run.gap > limit + run.bystander_gap and run.gap != float("inf"):
            yield "pause", f"{run.gap:.0f} ms"
        if run.status is None:
            yield "hang", "the holder outlives the tool" if run.tool_ended else "the tool does not end"

    def of_end(self, run, case):
        found = []
        if run.status >= 128 or "Fatal error" in run.errors or "Crash" in run.errors:
            found.append(("crash", f"status {run.status}"))
        elif run.status not in {0, 1, 2, *DONE}:
            found.append(("status", str(run.status)))
        found += [("crash", f"the holder, signal {number}") for number in run.holder_signals if number in CRASH_SIGNALS]
        # Where no write succeeds any more, none can tell of it.
        is_mute = fails(case, "write") and case.is_sticky
        if run.status == 2 and not run.errors.strip() and not is_mute and run.status not in self.command.statuses:
            found.append(("silent-error", "status 2"))
        # What was done, and is not as it could be, stands in the report of it.
        if run.status in {3, 4} and not self.tells_of_shortfall(run):
            found.append(("silent-error", f"status {run.status}"))
        return found

    def of_files(self, run):
        if not self.command.file:
            return [("temporary", name) for name in run.files]
        whole = {self.command.file, f"{self.command.file}.json"}
        found = [("temporary", name) for name in run.files if name not in whole]
        kept = whole & set(run.files)
        if kept == whole and self.is_verified(run):
            return found  # also where the summary could not be printed: the dump is whole
        if self.command.replaces:
            return [*found, *self.of_old_files(run)]
        if run.status not in DONE:
            return found + [("half-file", f"kept, status {run.status}: {name}") for name in sorted(kept)]
        missing = " and ".join(sorted(whole - kept))
        return [*found, ("half-file", f"status {run.status}: " + (f"{missing} missing" if missing else "not verified"))]

    def is_verified(self, run):
        path = run.files[self.command.file]
        return subprocess.run([self.tool, "verify", path], capture_output=True).returncode == 0

    def of_old_files(self, run):
        """What is not both as it was."""
        old = {self.command.file: OLD_DUMP, f"{self.command.file}.json": OLD_MANIFEST}
        for name, content in old.items():
            if run.status in DONE or read(run.files.get(name)) != content:
                yield "old-changed", f"status {run.status}: {name} is {'changed' if name in run.files else 'gone'}"

    def of_claims(self, run, case):
        """What is said of the target, which lives, has to be so."""
        tells_of_end = case is None or case.fault in (*ABSENT, "ECHILD", "answer-0")
        printed = self.printed(run)
        claim = re.search(r".*\b(process|it) has ended\b|.*\bthere is no (such )?process\b.*", printed, re.I)
        return [("untrue", claim[0].strip()[:120])] if claim and not tells_of_end and not run.harm else []

    def of_answer(self, run, case):
        """A difference is well where it is told of: by the exit status, or by a line that the baseline does not have."""
        if run.status not in {0, 1, *DONE} or self.tells_of_shortfall(run):
            return []
        if case is not None and case.fault in ABSENT and case.call in LOOK_UPS:
            return []  # what is told not to be there is not missed
        if self.command.name == "verify-bad":
            return [("silent-difference", f"a damaged dump is verified, status {run.status}")]
        if run.status not in {self.base.status, *DONE}:
            return [("silent-difference", f"status {run.status}")]
        found = []
        if self.command.file:
            found += self.of_content(run)
        if self.command.name == "hold" and run.gap < 48:
            found.append(("silent-difference", f"held for {run.gap:.0f} ms in place of 50"))
        if self.command.name == "dump-pipe":
            if run.output != self.target.quiet:
                found.append(("silent-difference", f"{len(run.output)} bytes on standard output"))
        elif (output := plain(self.command, run.text, self.target)) != self.base.output:
            found.append(("silent-difference", first_difference(self.base.output, output)))
        return found

    def of_content(self, run):
        path = run.files.get(self.command.file)
        if not path:
            return
        if self.base.core:
            facts = core_facts(path, self.target)
            if facts != self.base.core:
                yield "silent-difference", f"{facts} for {self.base.core}"
        elif read(path) != self.target.quiet:
            yield "silent-difference", "the dump is not what the memory is"

    def printed(self, run):
        return run.errors if self.command.name == "dump-pipe" else f"{run.text}\n{run.errors}"

    def tells_of_shortfall(self, run):
        """Whether some line that the baseline does not have, but for its numbers, tells that something is missing."""
        usual = {without_numbers(line) for line in (self.base.output + "\n" + self.base.errors).splitlines()}
        lines = plain(self.command, self.printed(run), self.target).splitlines()
        return any(without_numbers(line) not in usual and SHORTFALL.search(line) for line in lines)


def fails(case, call, fault=None):
    return case is not None and case.role == "main" and case.call == call and fault in (None, case.fault)


def without_numbers(line):
    return re.sub(r"0x[0-9a-f]+|[\d.,]+", "#", line).strip()


def first_difference(usual, found):
    usual_lines, lines = usual.splitlines(), found.splitlines()
    for old, new in zip(usual_lines, lines):
        if old != new:
            return f"`{new.strip()[:80]}` for `{old.strip()[:80]}`"
    return f"{len(lines)} lines for {len(usual_lines)}"


def read(path):
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()
