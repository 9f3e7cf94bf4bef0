"""What memdump said of a leak, held against the truth that stands in the leak's source."""

import dataclasses
import json
import re

RIGHT, NOT_SEEN, WRONG = "right", "not seen", "WRONG"
# How many classes `watch` looks for holders of, the largest first.
TRACED_CLASSES = 4
# What the kernel calls shared memory that has no name of its own.
SHARED_MEMORY = "/dev/zero (deleted)"


@dataclasses.dataclass
class Answer:
    """What was said, for people, and how it stands to the truth."""

    said: str
    verdict: str

    def cell(self):
        said = self.said if len(self.said) <= 46 else self.said[:45] + "…"
        return "-" if self.verdict == NOT_SEEN and not said else f"{said} [{self.verdict}]" if self.verdict != RIGHT else said


class Truth:
    """The lines `Truth:` of a source: each is a word and what belongs to it; a word may come several times."""

    def __init__(self):
        self.values = {}

    def add(self, word, value):
        self.values.setdefault(word, []).append(value)

    def all(self, word):
        return self.values.get(word, [])

    def one(self, word):
        return next(iter(self.all(word)), "")

    def classes(self):
        return [size for value in self.all("kind") for size in value.split()[1:]]

    def has_class(self, name):
        """Whether a class is one of what grows. Of a type with a description behind it, as LuaJIT's tables have, the first word counts."""
        return name in self.classes() or name.split(" ")[0] in self.classes()

    def kind(self):
        """What is to be told apart: sizes of chunks, or types of objects."""
        return "object-type" if self.one("kind").startswith("object-type") else "chunk-size"

    def summary(self):
        return {"yes": "leaks", "no": "does not grow", "shared": "shared memory grows"}[self.one("grows")]

    def of(self, column):
        words = {"growth": ["grows", "kind"], "refs": ["holder"], "pools": ["pool"], "path": ["allocates"]}
        values = [value for word in words.get(column, [column]) for value in self.all(word)]
        return " or ".join(values) or "none"


def rows(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def steady(seen):
    return [row for row in seen if row["type"] == "growth" and row.get("trend") == "steady"]


def grown_classes(seen, kind="chunk-size"):
    return [row["key"] for row in steady(seen) if row["kind"] == kind]


def growth(truth, seen):
    """Whether it grows, and what: a class that is not the truth's may be a tenth of the growth, and no more."""
    is_growing = any(row["type"] == "verdict" and row["growing"] for row in seen)
    grown = [row for row in steady(seen) if row["kind"] in (truth.kind(), "resident")]
    said = ", ".join(row["key"] for row in grown) if is_growing else "no"
    if truth.one("grows") == "no":
        return Answer(said, WRONG if is_growing else RIGHT)
    if truth.one("grows") == "shared":
        shared = [row for row in steady(seen) if row["kind"] == "resident" and row["key"] == SHARED_MEMORY]
        if not is_growing:
            return Answer(said, NOT_SEEN)
        is_shared = shared and not grown_classes(seen)
        return Answer("shared memory" if is_shared else said, RIGHT if is_shared else WRONG)
    if not is_growing:
        return Answer(said, NOT_SEEN)
    if truth.kind() == "object-type":
        is_true = all(truth.has_class(name) for name in grown_classes(seen, truth.kind())[:1])
        return Answer(said, RIGHT if is_true else WRONG)
    others = [
        row for row in grown if row["kind"] == "chunk-size" and truth.classes() and row["key"] not in truth.classes()
        and (row["heap_growth_thousandths"] or 0) > 100
    ]
    return Answer(", ".join(row["key"] for row in others) if others else said, WRONG if others else RIGHT)


def content(truth, seen):
    """Whether what grew is said to hold what it holds. A pointer's symbol is no content."""
    if not truth.all("content"):
        return Answer("", RIGHT)
    wanted = [tuple(value.split(" ", 1)) for value in truth.all("content")]

    def is_true(kind, text):
        return any(kind == word and part in text for word, part in wanted)

    labels = [
        (row["sample_kind"], row["sample"]) for row in steady(seen)
        if row["kind"] == "chunk-size" and row.get("sample_kind") in ("sockaddr", "template")
    ]
    wrong = [text for kind, text in labels if not is_true(kind, text)]
    if wrong:
        return Answer(wrong[0], WRONG)
    labels += [(row["kind"], row["key"]) for row in steady(seen) if row["kind"] == "template"]
    right = [text for kind, text in labels if is_true(kind, text)]
    return Answer(right[0], RIGHT) if right else Answer("", NOT_SEEN)


def holders_of(truth, found, sampled):
    """Of one class: who holds half of it or more. Less than that names nobody."""
    names = {}
    for row in found:
        names[row["holder"]] = names.get(row["holder"], 0) + row["count"]
    is_true = {name: any(name.startswith(value) for value in truth.all("holder")) for name in names}
    true = sum(count for name, count in names.items() if is_true[name])
    others = {name: count for name, count in names.items() if not is_true[name]}
    most = max(others, key=others.get, default=None)
    percent = 100 / max(1, sampled)
    if most and others[most] * 2 >= sampled:
        # `watch` says beside the shares where nobody is certain to have what is new.
        is_told = any(row.get("grown_for_sure", 1) > 0 for row in found)
        return Answer(f"{most} {others[most] * percent:.0f} %", WRONG if is_told else NOT_SEEN)
    if true * 2 >= sampled and true:
        return Answer(f"{next(name for name in names if is_true[name])} {true * percent:.0f} %", RIGHT)
    untraced = sampled - sum(names.values())
    if "nobody" in truth.all("holder") and untraced * 2 >= sampled:
        return Answer(f"nobody, {untraced * percent:.0f} %", RIGHT)
    return Answer("" if not most else f"{most} {others[most] * percent:.0f} %", NOT_SEEN)


def worst(answers):
    """The answer that counts, of those about several classes."""
    for verdict in (WRONG, RIGHT):
        for answer in answers:
            if answer.verdict == verdict:
                return answer
    return answers[0] if answers else Answer("", NOT_SEEN)


def whole_ways(seen):
    """Who holds. Of an object, what the way leads over is told apart from its end."""
    found = [row for row in seen if row["type"] in ("holder", "object-holder")]
    return [{**row, "holder": " <- ".join(row.get("steps", []) + [row["holder"]])} for row in found]


def holder(truth, seen):
    if not truth.all("holder"):
        return Answer("", RIGHT)
    found = whole_ways(seen)
    answers = []
    for size in [size for size in grown_classes(seen, truth.kind()) if truth.has_class(size) or not truth.classes()][:TRACED_CLASSES]:
        of_class = [row for row in found if row["subject"] == size]
        answers.append(holders_of(truth, of_class, of_class[0]["sampled"] if of_class else 1))
    return worst(answers)


def refs(truth, seen):
    summary = next((row for row in seen if row["type"] == "summary"), None)
    if summary is None:
        return Answer("", NOT_SEEN)
    return holders_of(truth, whole_ways(seen), summary["sampled"])


def pools(truth, seen):
    """Whether a pool grew between the two looks, and of which role."""
    roles = sorted({row["role"] for row in seen if row["type"] == "pool-growth" and row["grown_bytes"] > 0})
    said = ", ".join(roles)
    if not truth.all("pool"):
        return Answer(said or "none grew", WRONG if "cycle" in roles else RIGHT)
    if not roles:
        return Answer("", NOT_SEEN)
    return Answer(said, RIGHT if truth.one("pool") in roles else WRONG)


def goroutines(truth, seen):
    """Of which goroutines there are more, by the function that they are in."""
    names = sorted({row["function"] for row in seen if row["type"] == "goroutines" and row["grown_count"]})
    wanted = truth.all("goroutine")
    if not names:
        return Answer("none grew" if not wanted else "", NOT_SEEN if wanted else RIGHT)
    return Answer(", ".join(names), RIGHT if set(names) <= set(wanted) else WRONG)


def path(truth, seen):
    """By which calls the memory was handed out, where `watch` tells: of the path that most of it came by."""
    found = [row for row in seen if row["type"] == "allocation" and row["named"]]
    if not found:
        return Answer("", NOT_SEEN if truth.all("allocates") else RIGHT)
    names = [frame.get("function_readable") or frame["function"] for frame in found[0]["frames"]]
    true = [name for name in names if any(value in name for value in truth.all("allocates"))]
    return Answer(true[0], RIGHT) if true else Answer(" <- ".join(names[:4]), WRONG)


def total(answers):
    """WRONG where one is; right where growth was seen as it is, and something is said of its content, holder, pool or path."""
    verdicts = [answer.verdict for answer in answers]
    if WRONG in verdicts:
        return WRONG
    return RIGHT if set(verdicts) == {RIGHT} else NOT_SEEN if verdicts[0] == NOT_SEEN else "right in part"


def valgrind(report):
    """`lost 1,234 in a <- b; held 5,678 in c`, of the largest record of each."""
    parts = []
    for word, form in (("lost", "definitely lost"), ("held", "still reachable")):
        head = rf"([\d,]+)(?: \([\d,]+ direct, [\d,]+ indirect\))? bytes in [\d,]+ blocks are {form}.*\n"
        records = re.findall(head + r"((?:==\d+==    (?:at|by) .*\n)+)", report)
        if records:
            size, frames = max(records, key=lambda record: int(record[0].replace(",", "")))
            names = re.findall(r": (\S+)", frames)
            parts.append(f"{word} {size}: " + " <- ".join(names[1:4]))
    return "; ".join(parts) or "nothing"
