import Testing

@testable import MemDump

@Suite struct TrendTests {
  @Test(
    arguments: [
      (0, 50, 100, 0.5, .steady), (0, 13, 100, 0.5, .steady), (0, 87, 100, 0.5, .steady),
      (0, 12, 100, 0.5, .late), (0, 0, 100, 0.5, .late), (50, 40, 100, 0.5, .late),
      (0, 88, 100, 0.5, .early), (0, 100, 100, 0.5, .early), (0, 200, 100, 0.5, .early),
      // Two of three intervals were over.
      (0, 17, 100, 0.66, .steady), (0, 16, 100, 0.66, .late), (0, 91, 100, 0.66, .steady), (0, 92, 100, 0.66, .early),
      (0, UInt64.max / 2, UInt64.max, 0.5, .steady),
    ] as [(UInt64, UInt64, UInt64, Double, Trend)])
  func aHalfCountsWithAQuarterOfItsShare(
    before: UInt64, middle: UInt64, after: UInt64, share: Double, trend: Trend
  ) {
    #expect(Trend(before: before, middle: middle, after: after, share: share) == trend)
    #expect(trend.isGrowing == (trend == .steady))
  }

  private static let subject = Growth.Subject.chunks(BlockClass(of: "glibc", footprint: 48))

  private static func growth(_ before: UInt64, _ after: UInt64) -> Growth {
    Growth(subject: subject, before: .init(byteCount: before), after: .init(byteCount: after))
  }

  @Test func twoLooksTellNoTrend() {
    var line = TrendLine()
    line.add([Self.subject: 0], at: 10)
    line.add([Self.subject: 100], at: 20)
    #expect(line.trend(of: Self.growth(0, 100), all: nil, wholes: [], until: 20) == .unknown)
    #expect(Trend.unknown.isGrowing)
    #expect(TrendLine().trend(of: Self.growth(0, 100), all: nil, wholes: [], until: 20) == .unknown)
  }

  /// Whatever number of looks there is, the middle one is near the middle of the time.
  @Test(arguments: [3, 4, 31, 32, 33, 64, 65, 1000, 5000])
  func theMiddleIsFoundHoweverManyLooksThereAre(count: UInt64) {
    var line = TrendLine()
    for number in 0..<count { line.add([Self.subject: number * 10], at: 7 + number * 1000) }
    let end = (instant: 7 + (count - 1) * 1000, byteCount: (count - 1) * 10)
    #expect(line.trend(of: Self.growth(0, end.byteCount), all: nil, wholes: [], until: end.instant) == .steady)
    // All that there is now was there at the middle already; nothing of it was.
    #expect(line.trend(of: Self.growth(0, end.byteCount / 4), all: nil, wholes: [], until: end.instant) == .early)
    #expect(line.trend(of: Self.growth(0, end.byteCount * 100), all: nil, wholes: [], until: end.instant) == .late)
  }

  @Test func whatWasNotThereAtTheMiddleIsLate() {
    var line = TrendLine()
    line.add([:], at: 10)
    line.add([:], at: 20)
    line.add([Self.subject: 100], at: 30)
    #expect(line.trend(of: Self.growth(0, 100), all: nil, wholes: [], until: 30) == .late)
  }

  @Test func aSingleSocketAddressHasTheTrendOfAll() {
    var line = TrendLine()
    for (instant, amount) in [(0, 0), (1, 50), (2, 100)] as [(UInt64, UInt64)] {
      line.add([.allSocketAddresses: amount, .allResident: amount], at: instant)
    }
    func trend(_ wholes: [(UInt64, UInt64)]) -> Trend {
      let all = Growth(subject: .allSocketAddresses, before: .init(), after: .init(byteCount: 100))
      let single = Growth(
        subject: .socketAddress(Array("10.0.0.1:80".utf8)), before: .init(), after: .init(byteCount: 16))
      let wholes = wholes.map {
        Growth(subject: .allResident, before: .init(byteCount: $0), after: .init(byteCount: $1))
      }
      return line.trend(of: single, all: all, wholes: wholes, until: 2)
    }
    #expect(trend([(0, 100)]) == .steady)
    // The process as a whole grew by less than half of it, or in half of the time only.
    #expect(trend([(46, 53)]) == .inside)
    #expect(trend([(0, 51)]) == .inside)
    #expect(trend([]) == .inside)
    #expect(trend([(46, 53), (0, 100)]) == .steady)
    #expect(!Trend.inside.isGrowing)
  }

  /// Chunks of one size that take the place of others are no growth of the heap.
  @Test func whatTakesThePlaceOfOthersIsShifted() {
    var line = TrendLine()
    for (instant, amount) in [(0, 0), (1, 50), (2, 100)] as [(UInt64, UInt64)] {
      line.add([Self.subject: amount, .resident(.anonymous): amount, .mapped(.anonymous): amount], at: instant)
    }
    for subject in [Self.subject, .resident(.anonymous), .mapped(.anonymous)] {
      let growth = Growth(subject: subject, before: .init(), after: .init(byteCount: 100))
      #expect(line.trend(of: growth, all: nil, wholes: [], kinds: [growth.kind], until: 2) == .steady)
      #expect(line.trend(of: growth, all: nil, wholes: [], kinds: [.template], until: 2) == .shifted)
    }
    // What grew once is told as that.
    let once = Growth(subject: Self.subject, before: .init(), after: .init(byteCount: 50))
    #expect(line.trend(of: once, all: nil, wholes: [], kinds: [], until: 2) == .early)
    #expect(!Trend.shifted.isGrowing)
  }
}
