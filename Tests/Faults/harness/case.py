"""A case: which calls meet which fault; and the cases of a command."""

import errno
import re
from dataclasses import dataclass

from .calls import DELAY_MILLISECONDS, KEY, LATE, NAME, NUMBER, PLAUSIBLE, STICKY

ROLES = {"M": "main", "T": "thread", "H": "holder"}
FOR_EVER = 999_999


@dataclass(frozen=True)
class Case:
    """Calls `first` to `last` named `call`, of the threads of a role, counted from the first look at the target on."""

    role: str
    call: str
    first: int
    last: int
    fault: str

    def __str__(self):
        return f"{self.role}:{self.call}:{self.first}{'-' if self.is_sticky else ''}:{self.fault}"

    @property
    def is_sticky(self):
        return self.last == FOR_EVER

    @staticmethod
    def parse(text):
        """The case that is written ROLE:CALL:NUMBER:FAULT, with a `-` behind a number from which on all calls are meant."""
        match = re.fullmatch(r"(main|thread|holder):(\w+):(\d+)(-?):([\w-]+)", text)
        if not match or match[2] not in NUMBER:
            raise ValueError(f"no case: {text}")
        first = int(match[3])
        case = Case(match[1], match[2], first, FOR_EVER if match[4] else first, match[5])
        case.injector_words()
        return case

    def injector_words(self):
        """The arguments of the injector, from ROLE to ARGUMENT."""
        letter = next(letter for letter, role in ROLES.items() if role == self.role)
        return [letter, str(NUMBER[self.call]), str(self.first), str(self.last), *fault_words(self.fault)]


# A run in which nothing fails: calls are counted.
NO_FAULT_WORDS = ["M", "-1", "0", "0", "count", "0"]


def fault_words(fault):
    if fault == "short-half":
        return ["shorten", "0"]
    kind, _, argument = fault.rpartition("-")
    if kind == "after":
        return ["fail-after", str(getattr(errno, argument))]
    if kind in ("short", "answer", "delay"):
        return [{"short": "shorten"}.get(kind, kind), str(int(argument))]
    return ["fail", str(getattr(errno, fault))]


def cases(counts, salt):
    """The cases of a command, by how often it makes each call: {(role letter, number): count}.

    First come those of the first, second, middle and last call, then those in between. `salt` turns the faults of calls that
    are no key calls, so that each command has others.
    """
    first, later = [], []
    for (letter, number), count in sorted(counts.items()):
        role, call = ROLES[letter], NAME.get(number)
        if call not in PLAUSIBLE:
            continue
        faults = PLAUSIBLE[call].split()
        places = sorted({1, 2, (count + 1) // 2, count} & set(range(1, count + 1)))
        neighbours = sorted({3, count - 1} & set(range(1, count + 1)) - set(places))

        def single(place, fault):
            return Case(role, call, place, place, fault)

        first += [single(1, fault) for fault in faults]
        if call in KEY[role]:
            first += [single(place, fault) for place in places for fault in faults]
            first += [single(place, faults[place % len(faults)]) for place in range(1, count + 1) if call == "ptrace"]
            later += [single(place, fault) for place in neighbours for fault in faults]
            later += [single(place, faults[place % len(faults)]) for place in range(1, min(count, 300))]
        else:
            first += [single(place, faults[(k + salt) % len(faults)]) for k, place in enumerate(places)]
            later += [single(place, faults[(k + salt + 1) % len(faults)]) for k, place in enumerate(places + neighbours)]
        for fault in STICKY.get(call, "").split():
            first += [Case(role, call, place, FOR_EVER, fault) for place in sorted({1, (count + 1) // 2, count})]
        if call in LATE[role]:
            first += [single(place, f"delay-{DELAY_MILLISECONDS}") for place in sorted({1, (count + 1) // 2, count})]
    return list(dict.fromkeys(first)), [case for case in dict.fromkeys(later) if case not in set(first)]
