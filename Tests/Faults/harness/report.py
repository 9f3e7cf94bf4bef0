"""RESULTS.md: what was tried, and every case that is not well."""

import re
from collections import Counter
from dataclasses import dataclass

from .control import is_seen
from .judge import VERDICTS

# By design, and told in README.md under Limits: what is found in such a case is no fault of the tool.
DOCUMENTED = {
    "unrepaired": "ptrace fails for ever in the middle of a stop: nothing can repair the call that it interrupted, as where the "
                  "holder is killed there",
    "end-of-file": "a read that gives nothing is the end: it is what the kernel gives where a process has ended or run another "
                   "program, which is looked at afterwards",
    "manifest-missing": "renames fail for ever, or that of the new manifest: --force leaves a dump without a manifest, and never "
                        "one with that of another",
    "zombie-told": "calls of the holder fail for ever at the end of a snapshot: one zombie stays, and a warning tells of it",
    "zombie-killed": "tool and holder are killed together during a snapshot (here by us, after a hang): one zombie stays",
}


MANIFEST_GONE = ("old-changed", "status 2: a.raw.json is gone")
MANIFEST_MISSING = ([MANIFEST_GONE], [("old-changed", "status 2: a.raw is changed"), MANIFEST_GONE])
ZOMBIE_TOLD = re.compile("a child (of it )?that has ended (is left|could not be taken away)")


@dataclass
class Result:
    """A case and what was found."""

    command: str
    case: object
    hits: int
    status: int
    found: list  # of (verdict, detail); the worst first
    documented: str = None
    errors: str = ""
    repeated: bool = True  # what a second run did not show is told apart

    @property
    def verdict(self):
        if self.hits == 0:
            return "not-met"
        if not self.found:
            return "well"
        if self.documented:
            return "documented"
        if not self.repeated:
            return "once"
        return self.found[0][0]


def classify(run, case, found):
    """The key of DOCUMENTED that covers all that was found, and what stays of it to be told."""
    order = list(VERDICTS)
    found = sorted(found, key=lambda item: order.index(item[0]))
    if case.call == "read" and case.fault == "answer-0" and [verdict for verdict, _ in found] == ["silent-difference"]:
        return found, "end-of-file"
    # A holder that is kept from going on is killed by its own timer.
    is_dead = case.is_sticky or case.fault.startswith("delay-")
    if case.role == "holder" and case.call == "ptrace" and is_dead and found == [("harm", "epoll_wait ended early")]:
        return found, "unrepaired"
    if found in MANIFEST_MISSING:
        return found, "manifest-missing"
    if ("harm", "child Z") not in found:
        return found, None
    others = [item for item in found if item != ("harm", "child Z")]
    if run.status is None:
        return others, "zombie-killed"
    if case.role == "holder" and run.status in {2, 3} and ZOMBIE_TOLD.search(run.errors + run.text) and not others:
        return found, "zombie-told"
    return found, None


COLUMNS = ["well", "documented", *VERDICTS, "once", "not-met"]


def markdown(results, planned, left_out, controls, command_line, seconds):
    parts = [
        "# System calls that fail, one after the other\n",
        f"`{command_line}`, {len(results):,} of {planned:,} cases in {seconds / 60:.0f} minutes. "
        f"{left_out} of the others were left out since calls like theirs had hung already.\n",
        "## Controls\n",
        "Tools that do harm, and what they were seen to do.\n",
        control_table(controls),
        "## Cases\n",
        table(results),
        "`well`: nothing was wrong. `documented`: by design. `once`: a second run of the case did not show it. "
        "`not-met`: the call was not made so often in this run.\n",
        "\n".join(f"- `{verdict}`: {meaning}" for verdict, meaning in VERDICTS.items()) + "\n",
    ]
    for title, wanted in (("Not well", set(VERDICTS)), ("Seen once", {"once"}), ("Documented", {"documented"})):
        rows = [result for result in results if result.verdict in wanted]
        parts.append(f"## {title}: {len(rows)}\n")
        parts += [listing(rows)] if rows else []
    return "\n".join(parts)


def control_table(controls):
    lines = ["| harm | seen as | as it has to be |", "|---|---|---|"]
    for name, expected, found in controls:
        seen = ", ".join(sorted({verdict for verdict, _ in found})) or "nothing"
        lines.append(f"| {name} | {seen} | {'yes' if is_seen(expected, found) else f'**no**: {expected}'} |")
    return "\n".join(lines) + "\n"


def table(results):
    counts = Counter((result.command, result.verdict) for result in results)
    columns = [column for column in COLUMNS if any(counts[command, column] for command, _ in counts)]
    lines = ["| command | cases | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for command in [*dict.fromkeys(result.command for result in results), "all"]:
        row = [
            sum(count for (name, verdict), count in counts.items() if command in (name, "all") and column in (verdict, "all"))
            for column in ["all", *columns]
        ]
        lines.append(f"| {command} | " + " | ".join(str(count or "") for count in row) + " |")
    return "\n".join(lines) + "\n"


def listing(results):
    lines = []
    for result in sorted(results, key=lambda result: (COLUMNS.index(result.verdict), result.command, str(result.case))):
        details = "; ".join(f"{verdict}: {detail}" for verdict, detail in result.found) or DOCUMENTED[result.documented]
        said = " ".join(result.errors.split())[:160]
        line = f"- `Tests/Faults/run.sh --case {result.command} {result.case}` — {details}"
        lines.append(line + (f" — `{said}`" if said else ""))
    return "\n".join(lines).replace("/tmp/", "…/") + "\n"
