#!/usr/bin/env python3
"""Prints a profile of pprof as JSON, decoded from its bytes without a library for protocol buffers.

The numbers of the fields are those of github.com/google/pprof/blob/main/proto/profile.proto.
"""
import gzip
import json
import sys


def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """The fields of a message: lists of numbers and bytes by their number."""
    found, at = {}, 0
    while at < len(data):
        key, at = number(data, at)
        value, at = number(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
            assert len(data) >= at
        else:
            assert key & 7 == 0, key
        found.setdefault(key >> 3, []).append(value)
    return found


def packed(message, field):
    values = []
    for data in message.get(field, []):
        # Go's own writer leaves short lists as they are.
        if isinstance(data, int):
            values.append(data)
            continue
        at = 0
        while at < len(data):
            value, at = number(data, at)
            values.append(value)
    return values


def main(path):
    top = fields(gzip.open(path).read())
    texts = [text.decode("utf-8") for text in top[6]]
    assert texts[0] == ""

    def one(message, field):
        return message.get(field, [0])[0]

    def text(message, field):
        return texts[one(message, field)]

    functions = {one(f, 1): text(f, 2) for f in map(fields, top.get(5, []))}
    mappings = {
        one(m, 1): {"file": text(m, 5), "build_id": text(m, 6), "start": one(m, 2), "limit": one(m, 3)}
        for m in map(fields, top.get(3, []))
        # [vsyscall] lies where readers of JSON have no numbers.
        if one(m, 2) < 1 << 63
    }
    places = {}
    for place in map(fields, top.get(4, [])):
        if one(place, 2):
            mapping = mappings[one(place, 2)]
            assert mapping["start"] <= one(place, 3) < mapping["limit"]
        places[one(place, 1)] = [functions[one(fields(line), 1)] for line in place[4]]
    types = [[text(fields(t), 1), text(fields(t), 2)] for t in top[1]]
    samples = []
    for sample in map(fields, top.get(2, [])):
        stack = [name for place in packed(sample, 1) for name in places[place]]
        labels = {}
        for label in map(fields, sample.get(3, [])):
            labels[text(label, 1)] = text(label, 2) if 2 in label else one(label, 3)
        values = packed(sample, 2)
        assert len(values) == len(types)
        samples.append({"stack": stack[::-1], "values": values, "labels": labels})
    print(json.dumps({"types": types, "samples": samples, "mappings": list(mappings.values()), "main": text(top, 14)}))


main(sys.argv[1])
