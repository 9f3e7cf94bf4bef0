import FuzzSupport
import Glibc
import MemDump
import ScanReferences

/// The file of the made-up library, which is written once.
private let library: String = {
  var directory = Array("/tmp/fuzz-hotspot-XXXXXX".utf8CString)
  precondition(mkdtemp(&directory) != nil)
  let path = String(decoding: directory.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/libjvm.so"
  guard let file = fopen(path, "wx") else { preconditionFailure("\(path) cannot be written") }
  _ = fwrite(HotSpotInput.library, 1, HotSpotInput.library.count, file)
  fclose(file)
  return path
}()

/// The walk over the objects of HotSpot: it ends, whatever stands there, and finds no more than there is room for. The input is
/// the structures that lead to the objects, and then these.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let memory = InputMemory(HotSpotInput(bytes, library: library).pieces, longestRead: .max)
  do throws(MemDumpError) {
    for (language, result) in try ObjectTypes.find(in: memory, heaps: Heaps(), process: nil) {
      guard language == .hotSpot, case .found(let objects) = result else { continue }
      precondition(objects.objects.byteCount <= objects.total.byteCount)
      precondition(objects.objects.count <= objects.total.byteCount / 8)
    }
  } catch { preconditionFailure("\(error)") }
  return 0
}
