import MemDump

/// A trigger as a person writes it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  do {
    let trigger = try Trigger(parsing: text)
    // Written in the shortest way it is the same.
    let limit =
      switch trigger.limit {
      case .amount(let byteCount): "\(byteCount)"
      case .rise(let byteCount, let time):
        "+\(byteCount)/\(time == 1_000_000_000 ? "s" : time == 60_000_000_000 ? "m" : "h")"
      }
    precondition((try? Trigger(parsing: "\(trigger.metric.rawValue)>\(limit)")) == trigger)
  } catch { precondition(!error.description.isEmpty) }
  return 0
}
