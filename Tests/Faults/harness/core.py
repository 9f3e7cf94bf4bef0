"""What a core says of the target, read without memdump."""

import struct
from dataclasses import dataclass

PT_LOAD, PT_NOTE, NT_PRSTATUS = 1, 4, 1


@dataclass(frozen=True)
class CoreFacts:
    segments: int
    threads: int  # with registers
    has_quiet_region: bool


def core_facts(path, target):
    with open(path, "rb") as file:
        content = file.read()
    offset, = struct.unpack_from("<Q", content, 32)
    count, = struct.unpack_from("<H", content, 56)
    segments = threads = 0
    has_quiet_region = False
    for index in range(count):
        kind, _, place, address, _, size, in_memory, _ = struct.unpack_from("<IIQQQQQQ", content, offset + 56 * index)
        if kind == PT_LOAD:
            segments += 1
            if address <= target.start < address + in_memory:
                start = place + target.start - address
                has_quiet_region = content[start:start + len(target.quiet)] == target.quiet
        if kind == PT_NOTE:
            threads += sum(note == NT_PRSTATUS for note in note_kinds(content, place, place + size))
    return CoreFacts(segments, threads, has_quiet_region)


def note_kinds(content, place, end):
    while place + 12 <= end:
        name_size, description_size, kind = struct.unpack_from("<III", content, place)
        yield kind
        place += 12 + (name_size + 3 & ~3) + (description_size + 3 & ~3)
