import Glibc

/// Sends a signal with a value; each one sent is delivered on its own. Returns whether it was taken.
public func queueSignal(_ signal: Int32, to process: Int32, value: Int32) -> Bool {
  sigqueue(process, signal, sigval(sival_int: value)) == 0
}

/// Ends the calling process as `kill -9` does.
public func killThisProcess() { kill(getpid(), SIGKILL) }

/// The number of the calling process.
public var ownProcess: Int32 { getpid() }

/// Sends a signal to a process that is no ``Child``.
public func sendSignal(_ signal: Int32, to process: Int32) { kill(process, signal) }
