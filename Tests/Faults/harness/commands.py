"""The commands that are tried, and what of their output changes from run to run."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    name: str
    arguments: tuple
    file: str = None  # the name of what it writes
    sizes_vary: bool = False  # resident sizes of the target stand in its output
    replaces: bool = False  # an old dump stands there already
    statuses: tuple = (0,)  # what it ends with when nothing fails
    seconds: float = 0  # how long it takes by itself

    def plain(self, text):
        """Its output without what changes from run to run."""
        text = re.sub(r"sha256 .*", "", text)
        text = re.sub(r"[\d.,]+ (ns|µs|us|ms|s|min)\b", "TIME", text)
        text = re.sub(r"\([\d.,]+ [kKMG]?B/s\)", "RATE", text)
        if self.sizes_vary:
            text = re.sub(r"[+-]?[\d.,]+ ([KMG]iB|B)\b(/s)?", "SIZE", text)
        return re.sub(r"[ \t]+", " ", text)


def commands(target, work):
    """All commands, on a target. `work` is a directory with dumps in `data`; output goes to its `out`."""
    pid = str(target.pid)
    region = ("dump", pid, "-r", target.region, "-o")
    raw, core = f"{work}/out/a.raw", f"{work}/out/a.core"

    def dump(name, *options, file="a.raw", **more):
        return Command(name, (*region, raw, *options), file, sizes_vary=True, **more)

    found = [
        dump("dump-live"),
        dump("dump-stop", "--mode", "stop"),
        dump("dump-snapshot", "--mode", "snapshot"),
        Command("dump-core", ("dump", pid, "--all", "--mode", "stop", "-o", core), "a.core", sizes_vary=True),
        Command("dump-pipe", (*region, "-"), sizes_vary=True),
        dump("dump-force", "--force", replaces=True),
        dump("dump-sha256", "--sha256"),
        Command("scan", ("scan", pid, "--top", "0")),
        Command("scan-snapshot", ("scan", pid, "--mode", "snapshot", "--top", "0")),
        Command("scan-file", ("scan", f"{work}/data/good.raw", "--top", "0")),
        Command("strings", ("strings", pid, "-r", target.region, "--top", "0")),
        Command("strings-file", ("strings", f"{work}/data/good.raw", "--top", "0")),
        Command("heap", ("heap", pid), sizes_vary=True),
        Command("refs", ("refs", pid, "--size", "1040"), sizes_vary=True),
        Command("watch", ("watch", pid, "--every", "1s", "--count", "2"), sizes_vary=True, statuses=(1,), seconds=1),
        Command("diff", ("diff", f"{work}/data/good.core", pid), sizes_vary=True),
        Command("nginx-pools", ("nginx-pools", pid), sizes_vary=True, statuses=(0, 1)),
        Command("hold", ("hold", pid, "--for", "50ms")),
        Command("regions", ("regions", pid, "--all"), sizes_vary=True),
        Command("status", ("status", pid), sizes_vary=True),
        Command("verify", ("verify", f"{work}/data/good.raw")),
        Command("verify-bad", ("verify", f"{work}/data/bad.raw"), statuses=(2,)),
    ]
    return {command.name: command for command in found}
