import MemDump
import MemDumpTestSupport
import Testing

/// The code of the articles: it stands here as it does there, and works.
@Suite(.serialized, .enabled(if: canTrace, "ptrace is not permitted here")) struct ArticleTests {
  private let fixture: FixtureProcess

  init() throws { fixture = try FixtureProcess("--known", "--heap", "2M") }

  @Test func aLiveProcess() throws {
    let word = "\(fixture.pid)"
    let target = try ProcessQuery().process(word)
    let memory = try LiveMemory(target)
    for region in memory.regions where region.byteCount > 10 << 20 {
      print(region.range.lowerBound, region.byteCount, region.label)
    }
    var tally = Tally()
    let written = OwnWriting.withSharedMemory.ranges(in: memory.regions)
    let summary = try Scan(patterns: [IPv4Port(), SocketAddress()]).count(memory, ranges: written, into: &tally)
    for row in tally.rows(limit: 10) {
      print(row.count, String(decoding: row.text, as: UTF8.self))
    }
    print(summary.byteCount, "bytes")
    #expect(tally.rows(limit: nil).contains { String(decoding: $0.text, as: UTF8.self) == "10.1.2.3:8080" })
    try standsInArticle("ALiveProcess", 2)
  }

  @Test func oneInstant() throws {
    let target = try fixture.target()
    let look = try ProcessLook(target, mode: nil, budget: .milliseconds(100))
    let heaps = try HeapWalk(look.source).run()
    let proof = try look.end()
    print(look.mode, heaps.used?.byteCount ?? 0, proof.isVerified)
    #expect(proof.isVerified && !heaps.isEmpty)
    try standsInArticle("OneInstant", 1)
  }

  @Test func findingALeak() throws {
    let target = try fixture.target()
    let every = Duration.milliseconds(50)
    let watch = Watch(every: every, end: .looks(3))
    let verdicts = watch.run([target]) { _, event in
      if case .look(let look) = event { print(look.heapByteCount) }
    }
    for row in verdicts[0].rows where row.trend.isGrowing {
      print(row.growth.subject, row.growth.byteCount, row.references?.rows.first?.symbol ?? [])
    }
    #expect(verdicts[0].last?.number == 3 && verdicts[0].errors.isEmpty)

    let before = try MemoryProfile(LiveMemory(target))
    let after = try MemoryProfile(LiveMemory(target))
    for growth in after.growth(since: before) { print(growth.subject, growth.byteCount) }
    #expect(!after.heaps.isEmpty)

    let look = try ProcessLook(target, mode: nil, budget: .milliseconds(500), withRegisters: true)
    let heaps = try HeapWalk(look.source).run()
    if let largest = heaps.classes.first {
      var search = try ReferenceSearch(look.source, heaps: heaps, process: target)
      for holder in try search.references(toBlocksOfSizes: [largest.footprint]).flatMap(\.rows) {
        print(holder.kind, holder.count, holder.chain)
      }
    }
    print(try look.end().isVerified)
    try standsInArticle("FindingALeak", 3)
  }

  /// Checks that each block of code of an article stands in this file, line by line.
  private func standsInArticle(_ name: String, _ blockCount: Int) throws {
    func lines(_ text: some StringProtocol) -> String {
      text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
    }
    let root = #filePath.dropLast("Tests/ProcessTests/ArticleTests.swift".count)
    let source = lines(try #require(fileText(#filePath)))
    let article = try #require(fileText("\(root)Sources/MemDump/MemDump.docc/\(name).md"))
    let blocks = article.components("```swift\n").dropFirst().map { lines($0.components("```").first ?? "") }
    #expect(blocks.count == blockCount)
    for block in blocks { #expect(source.contains(block), "\(block)") }
  }
}

extension StringProtocol {
  fileprivate func components(_ separator: String) -> [SubSequence] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
