#!/usr/bin/env python3
"""Makes the manual page, in mdoc(7), of a template and of what `memdump --experimental-dump-help` prints:

    memdump --experimental-dump-help | Packaging/manual.py TEMPLATE VERSION

So options have the words of --help. The template holds what --help does not tell, and a line @COMMANDS@.
"""

import json
import os
import re
import sys
import textwrap
import time

SHARED = {"version", "help"}  # of every command; told once, in the template


def escaped(text):
    return text.replace("\\", r"\e").replace("'", r"\(aq")


def prose(text):
    """Lines of running text: a line for each sentence at least, and words in backquotes in bold."""
    lines = []
    for sentence in re.split(r"(?<=[.!?]) +(?=[A-Z`-])", " ".join(text.split())):
        for line in textwrap.wrap(escaped(sentence), 76, break_long_words=False, break_on_hyphens=False):
            lines.append(re.sub(r"^([.'])", r"\\&\1", line))
    # Of the whole text, since a phrase in backquotes may go over lines.
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fP", "\n".join(lines)).replace("--", r"\-\-").split("\n")


def discussion(text):
    """Paragraphs, and lists of lines that begin with two blanks: a word, two blanks, what it is."""
    lines, paragraph, items = [], [], []

    def end_paragraph():
        if paragraph:
            lines.extend([".Pp", *prose(" ".join(paragraph))])
            paragraph.clear()

    def end_items():
        if items:
            lines.append(".Bl -tag -width Ds -compact")
            for name, what in items:
                lines.extend([f".It Cm {escaped(name)}", *prose(what)])
            lines.append(".El")
            items.clear()

    for line in text.split("\n"):
        if line.startswith("  "):
            end_paragraph()
            items.append(line.split(None, 1))
        else:
            end_items()
            if line:
                paragraph.append(line)
            else:
                end_paragraph()
    end_paragraph()
    end_items()
    return lines


def flags(argument):
    """The names of an option, short first, with its value."""
    names = sorted(argument["names"], key=lambda name: name["kind"] == "long")
    spelled = [("Fl " if name["kind"] == "short" else "Fl Fl ") + name["name"] for name in names]
    value = f" Ar {argument['valueName']}" if argument["kind"] == "option" else ""
    return " , ".join(spelled) + value


def explanation(argument):
    parts = [argument.get("abstract", "")]
    values = argument.get("allValues")
    if values:
        parts.append(f"One of {', '.join(values)}.")
    if argument.get("defaultValue") is not None and argument["kind"] == "option":
        parts.append(f"Default: {argument['defaultValue']}.")
    return " ".join(part for part in parts if part)


def usage(command, arguments):
    words = [f".Nm memdump {command['commandName']}"]
    optional = [a for a in arguments if a["kind"] != "positional" and a["isOptional"]]
    if optional:
        words.append(".Op Ar options")
    for argument in arguments:
        if argument["kind"] != "positional" and not argument["isOptional"]:
            words.append(f".{flags(dict(argument, names=argument['names'][-1:]))}")
    for argument in arguments:
        if argument["kind"] == "positional":
            macro = ".Op Ar" if argument["isOptional"] else ".Ar"
            words.append(f"{macro} {argument['valueName']}" + (" ..." if argument["isRepeating"] else ""))
    return words


def described(command):
    arguments = [a for a in command["arguments"] if a["shouldDisplay"]]
    arguments = [a for a in arguments if a["kind"] == "positional" or a["names"][-1]["name"] not in SHARED]
    lines = [f".Ss memdump {' , '.join([command['commandName'], *command.get('aliases', [])])}"]
    lines += [".Bd -ragged -compact", *usage(command, arguments), ".Ed", ".Pp", *prose(command["abstract"])]
    lines += discussion(command.get("discussion", ""))
    if arguments:
        lines += [".Bl -tag -width Ds"]
        for argument in arguments:
            head = f"Ar {argument['valueName']}" if argument["kind"] == "positional" else flags(argument)
            lines += [f".It {head}", *prose(explanation(argument))]
        lines.append(".El")
    return lines


def main():
    template, version = sys.argv[1:]
    root = json.load(sys.stdin)["command"]
    commands = [c for c in root["subcommands"] if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    for line in open(template, encoding="utf-8"):
        line = line.rstrip("\n")
        if line == "@COMMANDS@":
            print("\n".join(line for command in commands for line in described(command)))
        else:
            print(line.replace("@DATE@", time.strftime("%B ", day) + f"{day.tm_mday}, {day.tm_year}")
                  .replace("@VERSION@", version).replace("@ABSTRACT@", "\n".join(prose(root["abstract"]))))


if __name__ == "__main__":
    main()
