#!/usr/bin/env python3
"""Whether memdump can do its work with the rights that Packaging/ gives it in containers, exactly as they stand there, and
whether it needs each of them:

    Tests/Packaging/rights.py MEMDUMP

Needs root, setpriv and python3-yaml. The rights are read from the YAML and given by setpriv(1), as a container's runtime
gives them: user 0, no more capabilities than these, and no way to more. Its seccomp filter is not part of it.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

import yaml

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "Packaging"
OWNER = 1  # whose process is looked at: neither root nor us
TARGET = "import os, sys; text = b'upstream 10.1.2.3:8080 ' * 100; print('ready', flush=True); sys.stdin.read()"
failures = 0


def check(what, holds, seen=""):
    global failures
    failures += not holds
    print(f"ok: {what}" if holds else f"FAILED: {what} {seen}", flush=True)


def contexts():
    """The security context of each container, by the name of its file."""
    profile = yaml.safe_load((PACKAGING / "kubernetes/debug-profile.yaml").read_text())
    found = {"debug-profile.yaml": profile["securityContext"]}
    for document in yaml.safe_load_all((PACKAGING / "kubernetes/daemonset.yaml").read_text()):
        if document["kind"] == "DaemonSet":
            pod = document["spec"]["template"]["spec"]
            check("the daemon set sees the processes of the node", pod["hostPID"] is True)
            check("and has no network or IPC of the node, no token", not pod.get("hostNetwork") and not pod.get("hostIPC")
                  and pod["automountServiceAccountToken"] is False)
            check("and no directory of the node", not any("hostPath" in volume for volume in pod["volumes"]))
            labels = document["spec"]["template"]["metadata"]["labels"]
            check("and finds its pods", document["spec"]["selector"]["matchLabels"].items() <= labels.items())
            found["daemonset.yaml"] = pod["containers"][0]["securityContext"]
    return found


def run(memdump, capabilities, *arguments):
    """memdump as user 0 of a container with these capabilities."""
    words = ["setpriv", "--reuid=0", "--regid=0", "--clear-groups", "--no-new-privs", "--inh-caps=-all",
             "--bounding-set=" + ",".join(["-all", *("+" + name.lower() for name in sorted(capabilities))])]
    return subprocess.run([*words, memdump, *arguments], capture_output=True, text=True, timeout=60)


@contextlib.contextmanager
def target():
    words = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", sys.executable, "-c", TARGET]
    # In a session of its own: within one, everybody may tell everybody to go on.
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def stop(process):
    """Stops it by a signal, and waits until it stands."""
    os.kill(process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)


def works(memdump, capabilities):
    """What works with these capabilities, of all that they are for."""
    done = set()
    with target() as process:
        pid = str(process.pid)
        if run(memdump, capabilities, "status", pid).returncode == 0:
            done.add("status")
        for mode in ["live", "stop", "snapshot"]:
            result = run(memdump, capabilities, "scan", pid, "--mode", mode)
            if result.returncode == 0 and "10.1.2.3:8080" in result.stdout:
                done.add(mode)
        stop(process)
        if run(memdump, capabilities, "rescue", pid).returncode == 0:
            done.add("rescue")
    return done


def main():
    memdump = sys.argv[1]
    everything = {"status", "live", "stop", "snapshot", "rescue"}
    if os.uname().machine != "x86_64":
        everything.remove("snapshot")
    sets = {}
    for name, context in contexts().items():
        check(f"{name}: not privileged, and no way to more rights", context["privileged"] is False
              and context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
              and context["runAsUser"] == 0)
        check(f"{name}: every other capability is dropped", context["capabilities"]["drop"] == ["ALL"])
        sets[name] = frozenset(context["capabilities"]["add"])
    check("all files ask for the same", len(set(sets.values())) == 1, sets)
    for name, capabilities in sets.items():
        doctor = run(memdump, capabilities, "doctor", "--json").stdout.splitlines()
        rows = {row["name"]: row["offered"] for row in map(json.loads, doctor)}
        offered = {row.removeprefix("CAP_") for row, value in rows.items() if row.startswith("CAP_") and value}
        check(f"{name}: doctor sees these rights and no others", offered == set(capabilities), offered)
        done = works(memdump, capabilities)
        check(f"{name}: all works on a process of another user", done == everything, everything - done)
    for capability in sorted(next(iter(sets.values()))):
        lost = everything - works(memdump, next(iter(sets.values())) - {capability})
        check(f"{capability} is needed: without it no {', '.join(sorted(lost))}", bool(lost))
    text = (PACKAGING / "container/Containerfile").read_text()
    words = {word.removeprefix("--cap-add=") for word in text.split() if word.startswith("--cap-add=")}
    check("Containerfile: the rights that its comment gives are enough to look",
          words and works(memdump, words) >= everything - {"rescue"}, words)
    sys.exit(failures != 0)


if __name__ == "__main__":
    main()
