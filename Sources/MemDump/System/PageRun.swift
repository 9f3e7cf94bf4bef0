/// Where a page of a process is.
enum PageState: StretchContent {
  /// In memory.
  case resident
  /// The page is swapped out.
  case swapped
  /// Nowhere: the process has not touched it, or the kernel has taken it back.
  case missing
}

/// Pages next to each other that are in the same place.
typealias PageRun = Stretch<PageState>
