internal import Glibc
internal import SystemPackage

extension Errno {
  /// ETIME: what the holder says when threads did not stop within the time.
  static var outOfTime: Errno { Errno(rawValue: Glibc.ETIME) }
}
