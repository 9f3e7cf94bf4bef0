/// Blocks that were handed out and taken back in a burst: which of them outlived it. Pure.
struct BlockLifetimes {
  /// What was seen of a block.
  struct Event: Hashable {
    enum Kind: Hashable {
      /// It was handed out; with a number that means something to whoever asks.
      case allocated(Int)
      case freed
    }

    var instant: UInt64
    var block: Address
    var kind: Kind
  }

  /// What became of blocks.
  enum Outcome: Hashable {
    /// It was taken back, or handed out anew, before the end.
    case freed
    /// It was not seen again.
    case survived
  }

  /// The outcomes by the numbers of the allocations.
  private(set) var outcomes: [Int: Outcome] = [:]
  /// The blocks that were taken back in the second half, and not handed out in the window before: what survives a burst and is
  /// freed later is freed at the rate at which it survives, and is watched here as long as there.
  private(set) var released: [Address] = []
  /// The time in which blocks that count were handed out, in nanoseconds.
  let watchedTime: UInt64

  /// Goes over the events of a burst.
  ///
  /// Blocks count that were handed out in the first half of the window: each of them was watched for half of it at the least,
  /// so that what lives for a moment does not survive because it was born at the end.
  ///
  /// - Parameters:
  ///   - events: what was seen, of all threads, in the order of the instants.
  ///   - window: when everything was seen.
  init(_ events: [Event], window: Range<UInt64>) {
    watchedTime = (window.upperBound - window.lowerBound) / 2
    let middle = window.lowerBound + watchedTime
    var living: [Address: Int] = [:]
    var born: Set<Address> = []
    for event in events where window.contains(event.instant) {
      if let number = living.removeValue(forKey: event.block) { outcomes[number] = .freed }
      guard case .allocated(let number) = event.kind else {
        if born.remove(event.block) == nil, event.instant >= middle { released.append(event.block) }
        continue
      }
      born.insert(event.block)
      if event.instant < middle, event.block.rawValue != 0 { living[event.block] = number }
    }
    for number in living.values { outcomes[number] = .survived }
  }
}
