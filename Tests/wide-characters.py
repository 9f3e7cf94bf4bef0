#!/usr/bin/env python3
"""Prints the table of Sources/MemDump/Bytes/WideCharacters.swift, by Python's copy of Unicode's EastAsianWidth.txt.

    python3 Tests/wide-characters.py > Sources/MemDump/Bytes/WideCharacters.swift
"""
import sys
import unicodedata

ranges = []
joins = False
for code in range(sys.maxunicode + 1):
    is_assigned = unicodedata.category(chr(code)) != "Cn"
    # The planes of ideographs are wide as a whole.
    if 0x20000 <= code <= 0x3FFFD or is_assigned and unicodedata.east_asian_width(chr(code)) in "WF":
        if joins:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
        joins = True
    elif is_assigned:
        joins = False

lines = [""]
for first, last in ranges:
    item = f" 0x{first:x}, 0x{last:x},"
    if len(lines[-1]) + len(item) > 112:
        lines.append("")
    lines[-1] += item

print(f"""/// The characters that take up two columns of a terminal: Wide and Fullwidth ones of EastAsianWidth.txt, Unicode \
{unicodedata.unidata_version}.
/// Tests/wide-characters.py makes this file.
enum WideCharacters {{
  /// The first and the last character of each range, in their order; of a range what is not assigned, too.
  static let ranges: [UInt32] = [""")
print("\n".join("   " + line for line in lines))
print("  ]\n}")
