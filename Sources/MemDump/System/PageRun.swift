/// The state of a page that a process has in use.
enum PageState: Hashable, Sendable {
  /// The page is resident.
  case resident
  /// The page is swapped out.
  case swapped
}

/// Adjacent pages that are all resident, or all swapped out.
typealias PageRun = Stretch<PageState>
