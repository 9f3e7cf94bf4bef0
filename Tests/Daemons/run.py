#!/usr/bin/env python3
"""How much of a daemon's memory `memdump footprint` explains: daemons of Debian, each under a small load.

    Tests/Daemons/run.py [--memdump FILE] [NAME ...]

For each one, three runs of `memdump footprint PID --json` while it goes on, and of the slowest what it took. PRIVATE is what only
the process has of its resident memory (smaps_rollup); what is not explained is to be 5 % of that at the most. Exits with 1 where
it is more. What is not installed is skipped by name.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHEELS = ROOT / ".build/test-wheels"


class Skipped(Exception):
    """Something that a daemon needs is not installed."""


def program(*names):
    for name in names:
        for directory in ("", "/usr/sbin/"):
            if found := shutil.which(directory + name):
                return found
    raise Skipped(f"{names[0]} is not installed")


def library(name):
    for path in pathlib.Path("/usr/lib").glob(f"*/{name}"):
        return str(path)
    raise Skipped(f"{name} is not installed")


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon(contextlib.ExitStack):
    """A directory, and the processes that run in it."""

    def __enter__(self):
        super().__enter__()
        self.directory = pathlib.Path(self.enter_context(tempfile.TemporaryDirectory()))
        self.directory.chmod(0o755)
        return self

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def start(self, *words, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
        child = subprocess.Popen(words, cwd=self.directory, **options)
        self.callback(self.end, child)
        return child

    @staticmethod
    def end(child):
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def ready(self, *words, **options):
        """Starts what says `ready` when it is."""
        child = self.start(*words, stdout=subprocess.PIPE, text=True, **options)
        for line in child.stdout:
            if line.strip() == "ready":
                return child
        raise RuntimeError(f"{words[0]} did not get ready")

    def nginx(self, locations="return 200 hello;", environment=None):
        number = port()
        configuration = self.file(
            "nginx.conf",
            f"daemon off; master_process off; pid {self.directory}/pid; error_log /dev/null; events {{}}\n"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{number}; location / {{ {locations} }} }} }}\n")
        child = self.start(program("nginx"), "-e", "/dev/null", "-p", str(self.directory), "-c", configuration, env=environment)
        connected(number)
        return child, number


def connected(number, within=20):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", number), timeout=5)
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens at port {number}")


def requests(number):
    subprocess.run([program("wrk"), "-t1", "-c32", "-d2s", f"http://127.0.0.1:{number}/"], stdout=subprocess.DEVNULL, check=True)


def children(process):
    return [int(word) for word in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def nginx(daemon):
    child, number = daemon.nginx()
    requests(number)
    return child.pid


def nginx_jemalloc(daemon):
    child, number = daemon.nginx(environment={"LD_PRELOAD": library("libjemalloc.so.2")})
    requests(number)
    return child.pid


def redis(daemon):
    number = port()
    child = daemon.start(program("redis-server"), "--port", str(number), "--save", "")
    connected(number)
    load = [program("redis-benchmark"), "-p", str(number), "-n", "200000", "-r", "100000", "-d", "64", "-t", "set,lpush,hset", "-q"]
    subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
    return child.pid


def memcached(daemon):
    number = port()
    child = daemon.start(program("memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", str(number), "-m", "128")
    with connected(number) as link:
        for item in range(60_000):
            link.sendall(b"set key%d 0 0 100 noreply\r\n%s\r\n" % (item, b"v" * 100))
        link.sendall(b"version\r\n")
        link.recv(100)
    return child.pid


def haproxy(daemon):
    _, behind = daemon.nginx()
    number = port()
    configuration = daemon.file(
        "haproxy.cfg",
        "global\n  nbthread 2\ndefaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n"
        f"frontend f\n  bind 127.0.0.1:{number}\n  default_backend b\nbackend b\n  server s 127.0.0.1:{behind}\n")
    child = daemon.start(program("haproxy"), "-db", "-f", configuration)
    connected(number)
    requests(number)
    return child.pid


def postgres(daemon):
    tools = WHEELS / "pgserver/pginstall/bin"
    if not tools.exists():
        raise Skipped("the wheel pgserver is not installed")
    data, number = daemon.directory / "data", port()
    data.mkdir()
    shutil.chown(data, "nobody")
    as_nobody = [program("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    subprocess.run([*as_nobody, tools / "initdb", "-D", data, "-U", "postgres"], stdout=subprocess.DEVNULL, check=True, cwd="/")
    daemon.start(
        *as_nobody, tools / "postgres", "-D", data, "-p", str(number), "-c", "listen_addresses=127.0.0.1", "-k", str(data))
    connected(number).close()
    script = (
        "create table t as select i, md5(i::text) as m from generate_series(1, 100000) i;\n"
        "select count(*) from (select m from t order by m) s;\nselect pg_backend_pid();\n")
    session = daemon.start(
        tools / "psql", "-h", "127.0.0.1", "-p", str(number), "-U", "postgres", "-tAq", stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)
    session.stdin.write(script)
    session.stdin.flush()
    session.stdout.readline()
    return int(session.stdout.readline())


def sqlite(daemon):
    session = daemon.start(program("sqlite3"), ":memory:", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session.stdin.write(
        "create table t(i integer primary key, m text);\n"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)\n"
        "insert into t select i, hex(i) || 'some text of a row' from n;\ncreate index x on t(m);\nselect 'ready';\n")
    session.stdin.flush()
    session.stdout.readline()
    return session.pid


def python3(daemon):
    code = (
        "users = {f'user{i}': {'id': i, 'tags': [str(i)], 'mail': f'u{i}@example.org'} for i in range(100000)}\n"
        "print('ready', flush=True)\nimport time\ntime.sleep(600)\n")
    return daemon.ready(program("python3"), "-c", code).pid


def node(daemon):
    code = (
        "const users = new Map(); for (let i = 0; i < 200000; i++) users.set('user' + i, {id: i, tags: [String(i)]});\n"
        "console.log('ready'); setInterval(() => users.set('x', {id: Date.now()}), 10);\n")
    return daemon.ready(program("node"), "-e", code).pid


def java(daemon):
    source = daemon.file(
        "Users.java",
        "import java.util.*;\npublic class Users {\n  record User(int id, String mail, List<String> tags) {}\n"
        "  public static void main(String[] words) throws Exception {\n    Map<String, User> users = new HashMap<>();\n"
        '    for (int i = 0; i < 300000; i++) users.put("user" + i, new User(i, "u" + i, List.of("" + i)));\n'
        '    System.out.println("ready");\n    while (true) { users.put("x", new User(0, "", List.of())); Thread.sleep(10); }\n  }\n}\n')
    return daemon.ready(program("java"), source).pid


def php_fpm(daemon):
    versions = sorted(pathlib.Path("/usr/sbin").glob("php-fpm*"))
    if not versions:
        raise Skipped("php-fpm is not installed")
    page = daemon.file("page.php", "<?php $a = []; for ($i = 0; $i < 2000; $i++) { $a[] = ['id' => $i, 'name' => \"u$i\"]; } echo count($a);")
    path = daemon.directory / "fpm.sock"
    configuration = daemon.file(
        "fpm.conf",
        f"[global]\nerror_log = /dev/null\ndaemonize = no\n[www]\nlisten = {path}\nlisten.mode = 0666\nuser = nobody\ngroup = nogroup\n"
        "pm = static\npm.max_children = 1\n")
    master = daemon.start(versions[-1], "-F", "-y", configuration)
    for _ in range(500):
        if path.exists() and children(master.pid):
            break
        time.sleep(0.02)
    _, number = daemon.nginx(
        f"fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_FILENAME {page}; fastcgi_pass unix:{path};")
    requests(number)
    return children(master.pid)[0]


def go(daemon):
    source = daemon.file(
        "main.go",
        'package main\n\nimport (\n\t"fmt"\n\t"time"\n)\n\ntype user struct {\n\tid   int\n\tmail string\n\ttags []string\n}\n\n'
        "func main() {\n\tusers := map[string]*user{}\n\tfor i := 0; i < 200000; i++ {\n"
        '\t\tusers[fmt.Sprint("user", i)] = &user{i, fmt.Sprint(i), []string{"a"}}\n\t}\n\tfmt.Println("ready")\n'
        '\tfor {\n\t\tusers["x"] = &user{}\n\t\ttime.Sleep(10 * time.Millisecond)\n\t}\n}\n')
    built = str(daemon.directory / "users")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(daemon.directory), "GO111MODULE": "off", "GOCACHE": str(daemon.directory / "cache")}
    subprocess.run([program("go"), "build", "-o", built, source], env=environment, check=True, cwd=daemon.directory)
    return daemon.ready(built).pid


def mimalloc(daemon):
    if not (WHEELS / "pyarrow").exists():
        raise Skipped("the wheel pyarrow is not installed")
    code = (
        f"import sys\nsys.path.insert(0, '{WHEELS}')\nimport pyarrow as pa\npa.set_memory_pool(pa.mimalloc_memory_pool())\n"
        "kept = [pa.array([str(i) * 4 for i in range(2000)]) for _ in range(500)]\nprint('ready', flush=True)\nimport time\ntime.sleep(600)\n")
    return daemon.ready(program("python3"), "-c", code).pid


DAEMONS = {
    "nginx": nginx, "nginx, jemalloc": nginx_jemalloc, "redis": redis, "memcached": memcached, "haproxy": haproxy,
    "postgres": postgres, "sqlite": sqlite, "python3": python3, "node": node, "java": java, "php-fpm": php_fpm, "go": go,
    "pyarrow, mimalloc": mimalloc,
}


def private(process):
    fields = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().split("\n")
    return sum(int(line.split()[1]) for line in fields if line.startswith("Private_")) << 10


def look(memdump, process):
    """What a footprint says, and what the slowest of three took in seconds."""
    slowest = 0
    for _ in range(3):
        start = time.monotonic()
        done = subprocess.run([memdump, "footprint", str(process), "--json"], capture_output=True, text=True, timeout=120)
        slowest = max(slowest, time.monotonic() - start)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    unexplained = sum(row.get("resident") or 0 for row in rows if row.get("category") == "unexplained")
    return unexplained, slowest


def mebibytes(count):
    return f"{count / (1 << 20):.2f}"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--memdump", default=str(ROOT / ".build/debug/memdump"))
    options.add_argument("names", nargs="*", choices=[*DAEMONS, []])
    words = options.parse_args()
    worst = 0
    print("| daemon | private, MiB | explained | not explained, MiB | share | time |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, start in DAEMONS.items():
        if words.names and name not in words.names:
            continue
        try:
            with Daemon() as daemon:
                process = start(daemon)
                unexplained, seconds = look(words.memdump, process)
                whole = private(process)
        except Skipped as reason:
            print(f"skipped {name}: {reason}", file=sys.stderr)
            continue
        share = unexplained / whole
        if share > 0.05:
            worst = 1
        print(
            f"| {name} | {mebibytes(whole)} | {100 - share * 100:.1f} % | {mebibytes(unexplained)} | {share * 100:.1f} % "
            f"| {seconds * 1000:.0f} ms |", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
