import Foundation
import Synchronization

/// What must not outlive the run: the children, each the leader of its own session, and the directories.
enum Cleanup {
  private struct Leftovers {
    var children: Set<pid_t> = []
    var paths: Set<String> = []
  }

  private static let leftovers = Mutex(Leftovers())

  /// Starts a child and takes note of it, in one step: no signal comes between.
  static func adopt(_ start: () throws -> pid_t) rethrows -> pid_t {
    try leftovers.withLock { leftovers in
      let child = try start()
      leftovers.children.insert(child)
      return child
    }
  }

  static func forget(child: pid_t) { leftovers.withLock { _ = $0.children.remove(child) } }
  static func remember(path: String) { leftovers.withLock { _ = $0.paths.insert(path) } }

  /// Ends all children and removes all directories.
  static func run() {
    leftovers.withLock { end(&$0) }
  }

  private static func end(_ leftovers: inout Leftovers) {
    for child in leftovers.children { kill(-child, SIGKILL) }
    for path in leftovers.paths { try? FileManager.default.removeItem(atPath: path) }
    leftovers = Leftovers()
  }

  /// Does so at SIGINT, SIGTERM and SIGHUP too. To be called before there are threads, which inherit the mask.
  static func onSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread { [signals] in
      var signals = signals
      var signal: CInt = 0
      sigwait(&signals, &signal)
      // Never unlocked again, so that nothing new starts.
      leftovers.withLock { leftovers in
        end(&leftovers)
        _exit(128 + signal)
      }
    }
  }
}
