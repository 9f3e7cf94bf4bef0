/// Where a page of a process is.
enum PageState: Hashable, Sendable {
  /// In memory.
  case resident
  /// Swapped out.
  case swapped
}

/// Pages next to each other that are all in memory, or all swapped out.
typealias PageRun = Stretch<PageState>
