#!/usr/bin/env python3
"""Hunts with memdump in every leak, and every control, of Tests/Fixtures/leaks, and prints what it said beside the truth:

    Tests/Hunts/run.py [--memdump FILE] [--fixed] [--peers] [NAME ...]

For each one: `memdump watch --every 2s --count 3`, then `refs` of the class that grew most, and for a module of nginx
`nginx-pools --every 2s`, for a program of Go `goroutines --every 2s --count 3`. --fixed looks at the twins without the leak as well;
NAME:fixed is one twin. --peers adds what other tools say of a leak: gdb, with a breakpoint at malloc of the size that memdump
found; valgrind and heaptrack of a program that is no nginx, started under them and ended after 8 s.

Of each answer the table tells where it is `not seen` (-), or WRONG: a name or a growth that is not the truth. A holder is wrong
where it is no true one and has half of the chunks or more. Exits with 1 where an answer is WRONG, or a hunt came to nothing.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import time

import judge
import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
START = ROOT / "Tests/Fixtures/leaks/start.sh"
NOT_INSTALLED = 77
# What tools are asked of that a program has to be started under.
PROGRAMS = {path.stem for path in (START.parent / "programs").glob("*.c")}


class Skipped(Exception):
    """Something that a fixture needs is not installed."""


@contextlib.contextmanager
def fixture(name, is_fixed):
    """Starts one; its truth, and the numbers of its processes. It ends with its standard input."""
    words = [START, name] + ["--fixed"] * is_fixed
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    truth, processes = judge.Truth(), []
    try:
        for line in child.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "truth":
                truth.add(*rest.partition(" ")[::2])
            elif word == "process":
                processes.append(rest)
            elif word == "ready":
                break
        else:
            message = child.stderr.read().strip()
            raise Skipped(message) if child.wait() == NOT_INSTALLED else RuntimeError(message)
        yield truth, processes
    finally:
        child.stdin.close()
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()


def hunt(memdump, name, is_fixed):
    """One line of the table."""

    def ask(*words):
        return judge.rows(subprocess.run([memdump, *words, "--json"], capture_output=True, text=True, timeout=180).stdout)

    with fixture(name, is_fixed) as (truth, processes):
        begin = time.monotonic()
        seen = ask("watch", *processes, "--every", "2s", "--count", "3")
        verdicts = [row for row in seen if row["type"] == "verdict"]
        if len(verdicts) != len(processes):
            raise RuntimeError("watch came to no verdict: " + "; ".join(r["message"] for r in seen if r["type"] == "error"))
        answers = {
            "growth": judge.growth(truth, seen),
            "content": judge.content(truth, seen),
            "holder": judge.holder(truth, seen),
        }
        # A watch that does not look who allocates is asked for nothing.
        if any(row["type"] == "allocation" for row in seen):
            answers["path"] = judge.path(truth, seen)
        top = next(iter(judge.grown_classes(seen)), None)
        asked, subject = "--size", top
        if truth.kind() == "object-type":
            asked, subject = "--type", next(iter(judge.grown_classes(seen, "object-type")), None)
        if subject and truth.one("grows") == "yes":
            answers["refs"] = judge.refs(truth, ask("refs", processes[0], asked, subject))
        if name.startswith("nginx-"):
            answers["pools"] = judge.pools(truth, ask("nginx-pools", processes[0], "--every", "2s"))
        if name.startswith("go-"):
            found = ask("goroutines", processes[0], "--every", "2s", "--count", "3")
            answers["goroutines"] = judge.goroutines(truth, found)
        return {
            "name": name + ":fixed" * is_fixed,
            "truth": truth,
            "answers": answers,
            "top": top,
            "pauses": sum(row["pauses"] for row in verdicts),
            "longest": max(row["pause_longest_ns"] for row in verdicts) / 1e6,
            "seconds": time.monotonic() - begin,
        }


def ask_peers(name, is_fixed, line):
    """What the other tools say that are installed, each in its own run."""
    truth = line["truth"]
    # Objects of Go are no chunks of malloc.
    if peers.is_there("gdb") and line["top"] and not name.startswith("go-"):
        with fixture(name, is_fixed) as (_, processes):
            yield "gdb", peers.ask_gdb(truth, processes[0], line["top"])
    for tool, ask in (("valgrind", peers.ask_valgrind), ("heaptrack", peers.ask_heaptrack)):
        if name in PROGRAMS and peers.is_there(tool):
            yield tool, ask(START, truth, name, is_fixed)


def table(lines):
    columns = ["growth", "content", "holder", "refs", "pools", "goroutines", "path"]
    head = ["FIXTURE", "TRUTH", *(word.upper() for word in columns), "PAUSES", "LONGEST", "SECONDS", "VERDICT"]
    rows = [head]
    for line in lines:
        cells = [line["name"], line["truth"].summary()]
        for column in columns:
            answer = line["answers"].get(column)
            cells.append("" if answer is None else answer.cell())
        cells += [str(line["pauses"]), f"{line['longest']:.1f} ms", f"{line['seconds']:.1f}", line["verdict"]]
        rows.append(cells)
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    for line in lines:
        for tool, (said, verdict, seconds) in line["peers"]:
            print(f"{tool} of {line['name']}, {seconds:.1f} s: {said} [{verdict}]")
    for line in lines:
        for column, answer in line["answers"].items():
            if answer.verdict == judge.WRONG:
                print(f"WRONG {line['name']}, {column}: {answer.said}; the truth: {line['truth'].of(column)}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--memdump", default=str(ROOT / ".build/debug/memdump"))
    options.add_argument("--fixed", action="store_true")
    options.add_argument("--peers", action="store_true")
    options.add_argument("names", nargs="*", metavar="NAME")
    options = options.parse_args()
    listed = subprocess.run([START, "--list"], capture_output=True, text=True, check=True).stdout.splitlines()
    kinds = dict(line.split() for line in listed)
    twins = [(name.removesuffix(":fixed"), name.endswith(":fixed")) for name in options.names or kinds]
    if options.fixed:
        twins = [(name, twin) for name, _ in twins for twin in (False, True) if not twin or kinds.get(name) == "leak"]
    lines, failures = [], 0
    for name, is_fixed in twins:
        try:
            line = hunt(options.memdump, name, is_fixed)
            line["verdict"] = judge.total(line["answers"].values())
            line["peers"] = list(ask_peers(name, is_fixed, line)) if options.peers and not is_fixed else []
            lines.append(line)
            print(f"{line['name']}: {line['verdict']}", file=sys.stderr, flush=True)
        except Skipped as reason:
            print(f"skipped: {reason}", file=sys.stderr, flush=True)
        except (RuntimeError, subprocess.TimeoutExpired) as reason:
            print(f"failed: {name}: {reason}", file=sys.stderr, flush=True)
            failures += 1
    table(lines)
    sys.exit(1 if failures or any(line["verdict"] == judge.WRONG for line in lines) else 0)


if __name__ == "__main__":
    main()
