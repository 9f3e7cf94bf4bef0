import MemDump
import SystemPackage

/// A list of needles as a person keeps it: it has needles with names that are no longer than a line, or an error that names the
/// list.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let list = try NeedleList(parsing: input, of: "list", ignoringCase: count % 2 == 1)
    precondition(!list.patterns.isEmpty && list.patterns.count <= count)
    precondition(list.patterns.allSatisfy { !$0.name.isEmpty })
  } catch { precondition(error.path == "list" && !error.description.isEmpty) }
  return 0
}
