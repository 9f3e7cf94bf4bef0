"""What other tools say of a leak: gdb of a process that runs; valgrind and heaptrack of a program that is started under them.

Each answer is (what was said, a verdict, seconds). gdb is given the size of the class that grew most, as
memdump found it: without one it has nothing to stop at. What one would name is taken from the innermost frame that is of no
allocator; the answer is right where a true function stands among the frames.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time

import judge

# The frames of an allocator, and of what only hands on to it.
ALLOCATORS = re.compile(
    r"malloc|calloc|realloc|memalign|operator new|ngx_alloc|ngx_memalign|ngx_p(n)?alloc|ngx_palloc|ngx_pcalloc|ngx_create_pool")
# How many times gdb lets the target stop at an allocation of that size, and how long it waits for that.
HITS, GDB_SECONDS = 3, 20


def is_there(name):
    return shutil.which(name) is not None


def of_frames(truth, names, said):
    functions = [value.split(":")[-1] for value in truth.all("allocates")]
    true = [name for name in names if any(function in name for function in functions)]
    if true:
        return said, judge.RIGHT
    return said, judge.WRONG if truth.all("allocates") and names else judge.NOT_SEEN


def first_own(names):
    own = [name for name in names if not ALLOCATORS.search(name)]
    return " <- ".join(own[:3]) or "nothing"


def ask_gdb(truth, process, size):
    """A breakpoint at malloc for requests that make a chunk of a size; the innermost calls of the last hit."""
    begin = time.monotonic()
    # A chunk with a mapping of its own takes whole pages.
    slack = 4096 if int(size) % 4096 == 0 else 24
    condition = f"if $rdi > {int(size) - slack - 16} && $rdi <= {int(size) - 8}"
    words = ["gdb", "-p", process, "-batch", "-nx", "-ex", "set pagination off", "-ex", f"break malloc {condition}"]
    for _ in range(HITS):
        words += ["-ex", "continue"]
    words += ["-ex", "bt 12", "-ex", "detach"]
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        report, _ = child.communicate(timeout=GDB_SECONDS)
    except subprocess.TimeoutExpired:
        # An interrupt has gdb stop the target, say where, and detach as it was told.
        child.send_signal(subprocess.signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.communicate(timeout=10)
        child.kill()
        return "never stopped there", judge.NOT_SEEN, time.monotonic() - begin
    names = re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\S+) \(", report, re.M)
    return (*of_frames(truth, names, first_own(names)), time.monotonic() - begin)


@contextlib.contextmanager
def started(start, name, is_fixed, under, seconds):
    """A program of the fixtures, started under a tool, and ended after so long; its standard error when it has ended."""
    words = [start, name] + ["--fixed"] * is_fixed
    child = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=dict(os.environ, LEAKS_UNDER=under))
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(timeout=seconds)
    child.stdin.close()
    child.stdin = None
    _, report = child.communicate(timeout=120)
    yield report


def ask_valgrind(start, truth, name, is_fixed):
    """The largest record of what is lost, and of what is still held."""
    begin = time.monotonic()
    under = "valgrind --leak-check=full --show-leak-kinds=all --num-callers=8"
    with started(start, name, is_fixed, under, 8) as report:
        said = judge.valgrind(report)
    return (*of_frames(truth, re.findall(r"[\w.]+", said), said), time.monotonic() - begin)


def ask_heaptrack(start, truth, name, is_fixed):
    """The first of what heaptrack_print calls leaks: the calls, innermost first."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        with started(start, name, is_fixed, f"heaptrack -o {directory}/trace", 8):
            pass
        files = [os.path.join(directory, file) for file in os.listdir(directory)]
        if not files:
            return "no trace", judge.NOT_SEEN, time.monotonic() - begin
        report = subprocess.run(
            ["heaptrack_print", "-l", "1", "-p", "0", "-a", "0", "-T", "0", "-n", "1", "-s", "1", "-f", files[0]],
            capture_output=True, text=True, timeout=120).stdout
    first = report[report.find("MEMORY LEAKS"):].split("\n\n")[0]
    names = re.findall(r"^ *([\w:~<>.]+)$", first, re.M)
    return (*of_frames(truth, names, first_own(names)), time.monotonic() - begin)
