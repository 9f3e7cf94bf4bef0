"""The command line; see run.sh."""

import argparse
import os
import shutil
import sys
import tempfile
import time

from .campaign import Campaign
from .case import Case
from .control import is_seen, run_controls
from .judge import VERDICTS
from .report import markdown


def main():
    options = parse()
    work = tempfile.mkdtemp(prefix="memdump-faults-")
    try:
        # A copy, so that a build meanwhile changes nothing.
        os.makedirs(f"{work}/tool")
        tool = shutil.copy(options.tool, f"{work}/tool/memdump")
        if options.case:
            return show(Campaign(options.programs, tool, work), *options.case)
        return run_all(options, tool, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def parse():
    parser = argparse.ArgumentParser(prog="Tests/Faults/run.sh")
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tool", required=True, help="the memdump to try")
    parser.add_argument("--full", action="store_true", help="every case; without it a sample")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--keep", metavar="FILE", help="write the report there too")
    parser.add_argument("--case", nargs=2, metavar=("COMMAND", "CASE"), help="run one case and show it")
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help="the commands to try; all without one")
    return parser.parse_args()


def run_all(options, tool, work):
    begin = time.monotonic()
    controls = list(run_controls(options.programs, tool, work))
    campaign = Campaign(options.programs, tool, work)
    names = options.commands or list(campaign.commands)
    noisy = campaign.measure(names)
    controls.append(("none: each command, nothing fails", None, noisy))
    plan = campaign.plan(names, options.full)
    log(f"{len(plan)} cases of {len(names)} commands")
    results = []
    for result in campaign.results(plan, options.seconds):
        results.append(result)
        if result.verdict in VERDICTS or result.verdict == "once":
            log(f"{result.verdict}: --case {result.command} {result.case} ({result.found})")
    campaign.close()
    words = ["Tests/Faults/run.sh", *(["--full"] if options.full else []), *options.commands]
    report = markdown(results, len(plan), campaign.left_out, controls, " ".join(words), time.monotonic() - begin)
    print(report)
    if options.keep:
        with open(options.keep, "w") as file:
            file.write(report)
    blind = any(not is_seen(expected, found) for _, expected, found in controls)
    return 1 if blind or any(result.verdict in VERDICTS for result in results) else 0


def show(campaign, name, text):
    """One case, with all that it printed and left."""
    case = Case.parse(text)
    for item in campaign.measure([name]):
        log(f"without a fault: {item}")
    command = campaign.commands[name]
    run = campaign.runner.run(campaign.target, command, case)
    found = list(campaign.judge(name).verdicts(run, case))
    log(f"memdump {' '.join(command.arguments)}")
    log(f"met {run.hits} times; status {run.status}; files {', '.join(run.files) or 'none'}; gap {run.gap:.1f} ms")
    log(f"harm that passed: {run.passed_harm}; signals to the holder: {run.holder_signals}")
    log(f"standard error: {run.errors.strip()}\nstandard output: {run.text[:4000] if name != 'dump-pipe' else len(run.output)}")
    log("\n".join(f"{verdict}: {detail}" for verdict, detail in found) or "well")
    campaign.close()
    return 1 if found else 0


def log(text):
    print(text, file=sys.stderr, flush=True)


sys.exit(main())
