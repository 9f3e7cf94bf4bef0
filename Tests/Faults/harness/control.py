"""Shows that the judge sees harm: tools that do it have to be found out."""

from .commands import Command
from .judge import Judge, baseline
from .runner import Runner
from .target import Target

# What each harm of control.c is to be seen as.
EXPECTED = {
    "leave-stopped": "harm",
    "kill-target": "harm",
    "leave-zombie": "harm",
    "leave-tracer": "hang",
    "interrupt-calls": "harm",
    "write-to-target": "harm",
    "stop-for-long": "pause",
    "leave-half-file": "half-file",
    "leave-temporary-file": "temporary",
    "replace-manifest-alone": "old-changed",
    "write-too-little": "half-file",
    "say-nothing": "silent-error",
    "print-something-else": "silent-difference",
    "crash": "crash",
    "hang": "hang",
}
WITH_FILE = {"leave-half-file", "leave-temporary-file", "write-too-little"}


def run_controls(programs, tool, work):
    """Each harm by its name, what it is to be seen as, and the verdicts that it got."""
    runner = Runner(f"{programs}/control", programs, work)
    for name, expected in EXPECTED.items():
        target = Target(f"{programs}/target")
        command = control_command(name, target, runner.out)
        base = baseline(runner.run(target, command, environment={"CONTROL": "none"}), command, target)
        run = runner.run(target, command, environment={"CONTROL": name})
        found = list(Judge(tool, target, command, base).verdicts(run, None))
        target.close()
        yield name, expected, found
    runner.close()


def is_seen(expected, found):
    """Whether a control was seen as what it is; `expected` is None where nothing is to be found."""
    return not found if expected is None else expected in {verdict for verdict, _ in found}


def control_command(name, target, out):
    arguments = (str(target.pid), f"{target.start:x}")
    if name == "replace-manifest-alone":
        return Command("control", (*arguments, f"{out}/a.raw"), "a.raw", replaces=True)
    if name in WITH_FILE:
        return Command("control", (*arguments, f"{out}/a.raw"), "a.raw")
    return Command("control", arguments)
