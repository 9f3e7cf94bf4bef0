import MemDumpTestSupport
import Testing

/// Files that are not what one takes them for, and those beside a dump that somebody else put there.
@Suite struct OddFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Runs a command that must not wait for anybody.
  private func run(_ arguments: String...) throws -> Tool.Result {
    try Tool.finish(try Tool.start(arguments), within: .seconds(20))
  }

  @Test(
    arguments: [
      ("zstd", [0x28, 0xb5, 0x2f, 0xfd, 4]), ("lz4", [4, 0x22, 0x4d, 0x18, 1]), ("gzip", [0x1f, 0x8b, 8, 0]),
      ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
      ("bzip2", [0x42, 0x5a, 0x68, 0x39] + [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]),
    ] as [(String, [UInt8])]) func aCompressedFileIsNotSearchedInSilence(program: String, start: [UInt8]) throws
  {
    let path = try directory.write(start + Array(" 10.0.0.1:80 ".utf8), to: "core")
    for words in [["scan", path], ["strings", path], ["heap", path], ["nginx-pools", path]] {
      let result = try Tool.run(words)
      #expect(result.status == 2)
      #expect(
        result.errorText == """
          memdump: \(path) is compressed, so nothing of its memory is seen. Write what `\(program) -dc` makes of it to a \
          file, and look at that; with --base 0x0 its bytes are taken as they are.

          """)
    }
    let taken = try Tool.run("scan", path, "--base", "0x0")
    #expect(taken.status == 0 && taken.text.contains("10.0.0.1:80"))
    #expect(try Tool.run(["scan", directory.write(Array("BZh9 10.0.0.1:80".utf8), to: "text")]).status == 0)

    for command in ["scan", "strings"] {
      let result = try Tool.shell("\"$MEMDUMP\" \(command) - < '\(path)'")
      #expect(result.status == 2 && result.text == "")
      #expect(result.errorText.hasPrefix("memdump: standard input is compressed, so nothing of its memory is seen."))
    }
    let stream = try Tool.shell("\"$MEMDUMP\" scan - --base 0x0 < '\(path)'")
    #expect(stream.status == 0 && stream.text.contains("10.0.0.1:80"))
  }

  /// Not every segment of a core can be read: two may claim the same addresses.
  @Test func segmentsThatAreLeftOutAreSaid() throws {
    var header = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
    (header[16], header[18], header[32], header[54], header[56]) = (4, 62, 64, 56, 2)
    func words(_ numbers: UInt64...) -> [UInt8] {
      numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
    let segments = words(6 << 32 | 1, 176, 0x1000, 0, 10, 10, 1) + words(6 << 32 | 1, 186, 0x1004, 0, 10, 10, 1)
    let path = try directory.write(header + segments + Array("1.2.3.4:805.6.7.8:90".utf8), to: "overlapping")
    let result = try Tool.run("scan", path)
    #expect(result.text.contains("1.2.3.4:80\n") && !result.text.contains("5.6.7.8:90"))
    #expect(result.errorText.contains(", 1 segment left out, which overlap others or have no addresses"))
    #expect(try Tool.run("scan", path, "--json").text.contains(#""omitted_segments":1,"#))
  }

  /// As a core of 17 TiB, most of which are holes, in a file of ext4.
  @Test func aDumpThatNoFileCanHoldIsRefusedWithARemedy() throws {
    let result = try Tool.shell(
      "ulimit -f 1; trap '' XFSZ; \"$MEMDUMP\" dump $$ --region stack -o '\(directory.file("large"))'")
    #expect(result.status == 2)
    #expect(
      result.errorText.hasSuffix(
        """
        , \(directory.file("large")), is larger than its file system or `ulimit -f` permits. Choose less memory with \
        --region, or a directory on another file system.

        """), "\(result.errorText)")
    #expect(!directory.names.contains("large"))
  }

  @Test func aFileWithoutALengthIsNotTakenForAnEmptyOne() throws {
    for words in [["scan", "/proc/self/environ"], ["strings", "/proc/self/environ"]] {
      let result = try Tool.run(words)
      #expect(result.status == 2)
      #expect(
        result.errorText == """
          memdump: /proc/self/environ does not tell its length beforehand, as files of the kernel do. Send it to standard \
          input: memdump scan - < FILE

          """)
    }
    #expect(try Tool.run(["strings", directory.write([], to: "empty")]).status == 1)
  }

  /// A manifest that is a pipe would be waited for, one of gigabytes would fill memory.
  @Test(arguments: ["scan", "strings", "heap", "verify"]) func aManifestThatIsNoneIsRefused(command: String) throws {
    let path = try directory.write(Array("10.0.0.1:80".utf8), to: "d")
    let beginning = "memdump: the manifest \(path).json cannot be used: "
    _ = try Tool.shell("mkfifo '\(path).json'")
    let pipe = try run(command, path)
    #expect(pipe.status == 2 && pipe.errorText.hasPrefix(beginning + "it is not a regular file."))
    _ = try Tool.shell("rm '\(path).json'; ln -s /dev/zero '\(path).json'")
    let device = try run(command, path)
    #expect(device.status == 2 && device.errorText.hasPrefix(beginning + "it is not a regular file."))
    _ = try Tool.shell("rm '\(path).json'; truncate -s 3G '\(path).json'")
    let large = try run(command, path)
    #expect(large.status == 2 && large.errorText.hasPrefix(beginning + "it has more than 256 MiB."))
  }

  /// The command line of a process is its own memory, as much as it wants.
  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aLongCommandLineIsReadInPartOnly() throws {
    let script = "exec -a \"$(printf '%0100000d' 0)\" sleep 60"
    let result = try Tool.shell(
      "bash -c '\(script)' & sleep_id=$!; until grep -q sleep /proc/$sleep_id/comm; do :; done; "
        + "\"$MEMDUMP\" dump $sleep_id -r stack -o '\(directory.file("d"))'; echo $?; kill $sleep_id; "
        + "wc -c < '\(directory.file("d")).json'")
    let lines = result.lines
    let byteCount = try #require(lines.last.flatMap { Int($0) }, "\(result.errorText)")
    // What is read of it stands in the manifest.
    #expect((65_000..<80_000).contains(byteCount), "\(result.text) \(result.errorText)")
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aReaderThatGoesAwayHidesNoVerdict() throws {
    let path = try directory.write(Array("10.0.0.1:80".utf8), to: "d")
    let dump = "\"$MEMDUMP\" dump $$ -r stack -o '\(path)' --force --sha256 >&2"
    let result = try Tool.shell(
      "\(dump); printf x | dd of='\(path)' bs=1 seek=100 conv=notrunc status=none; "
        // The reader has gone before anything is verified.
        + "{ until ! (printf x); do :; done; \"$MEMDUMP\" verify '\(path)'; echo $? >&3; } 3>'\(directory.file("status"))' | true; "
        + "cat '\(directory.file("status"))'")
    #expect(result.text == "2\n", "\(result.errorText)")
  }

  @Test(.enabled(if: canTrace, "ptrace is not permitted here")) func aSummaryThatCannotBeWrittenHidesNoDump() throws {
    let target = try FixtureProcess("--known")
    let (path, start) = (directory.file("d"), try target.region("known").lowerBound)
    let result = try Tool.shell("\"$MEMDUMP\" dump \(target.pid) -r \(start)+64K -o '\(path)' > /dev/full; echo $?")
    #expect(result.text == "2\n")
    #expect(result.errorText.contains("memdump: \(path) is complete, with its manifest, and kept"))
    #expect(try Tool.run("verify", path).status == 0)
  }

  /// What is opened for other things must not be taken for a standard descriptor that is closed.
  @Test func aClosedStandardInputIsNone() throws {
    for command in ["scan", "strings"] {
      let result = try Tool.shell("timeout 20 \"$MEMDUMP\" \(command) - <&-")
      #expect(result.status == 2)
      let said = result.errorText
      #expect(said.contains("standard input") && said.contains("Bad file descriptor"), "\(said)")
    }
    let path = try directory.write(Array("10.0.0.1:80".utf8), to: "text")
    #expect(try Tool.shell("\"$MEMDUMP\" scan '\(path)' --base 0x0 >&-").status == 2)
    #expect(try Tool.shell("\"$MEMDUMP\" scan '\(path)' --base 0x0 <&- 2>&-").text.contains("10.0.0.1:80"))
  }

  @Test func aBaseThatLeavesNoRoomIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(Array("10.0.0.1:80".utf8), to: "text")
    let result = try Tool.run("scan", path, "--base", "0xffffffffffffffff")
    #expect(result.status == 2 && result.errorText.contains("has 11 B, which do not fit between that address"))
    #expect(try Tool.run("scan", path, "--base", "0xfffffffffffffff0").text.contains("10.0.0.1:80"))
  }
}
