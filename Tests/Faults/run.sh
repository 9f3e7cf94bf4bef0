#!/usr/bin/env bash
# Fails each system call of memdump in turn, in its main thread, its other threads and its holder, with what it can plausibly
# fail with, and looks whether the target is well, the files are whole, and the answer is the same or says why not.
#
#   Tests/Faults/run.sh [--full] [--seconds N] [--keep] [COMMAND…]     see harness/commands.py for the commands
#   Tests/Faults/run.sh --case COMMAND CASE                            one case, with all that it printed
#
#   --full      every case, in an hour or two; without it a sample of some hundred, in minutes
#   --seconds   stops after so long; the commands take turns, and the most telling cases come first
#   --keep      writes what is printed to RESULTS.md beside this script, too
#   CASE        ROLE:CALL:NUMBER:FAULT: the calls CALL of the main thread, of a `thread` or of the `holder`; from the first look
#               at the target on the one of that NUMBER, or with a `-` behind it all from there on; FAULT is an errno, or see
#               harness/calls.py. Such as holder:ptrace:3:EIO and main:openat:1-:EMFILE.
#
# MEMDUMP=PATH tries that binary, in place of one built here. x86_64, gcc and python3; needs the permission to trace. Tools that
# do harm (control.c) have to be found out first. Fails when a case is not well; each stands in the report with its command.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "$(uname -m)" != x86_64 ]; then
  echo "Tests/Faults/run.sh: the injector knows the registers of x86_64 alone" >&2
  exit 64
fi

options=()
for argument in "$@"; do
  case $argument in
    --keep) options+=(--keep=Tests/Faults/RESULTS.md) ;;
    *) options+=("$argument") ;;
  esac
done

if [ -z "${MEMDUMP:-}" ]; then
  build=(swift build -c release --static-swift-stdlib --product memdump)
  "${build[@]}" >&2
  MEMDUMP=$("${build[@]}" --show-bin-path)/memdump
fi

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
flags=(-std=gnu17 -Wall -Wextra -Werror -O2 -pthread)
gcc "${flags[@]}" -o "$programs/injector" Tests/Faults/injector/*.c
gcc "${flags[@]}" -o "$programs/target" Tests/Faults/target.c
gcc "${flags[@]}" -o "$programs/control" Tests/Faults/control.c

# A trap is seen by its signal; a backtrace of it takes seconds.
export SWIFT_BACKTRACE=enable=no PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=Tests/Faults
python3 -m harness --programs "$programs" --tool "$MEMDUMP" "${options[@]}"
