import MemDump

/// A manifest that somebody may have changed: what it says lies inside of the dump, and written again it is read as the
/// same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let manifest = Manifest(parsing: Array(UnsafeBufferPointer(start: start, count: count))) else { return 0 }
  let isCore = manifest.format == .core
  let whole = isCore ? Address(0)..<Address(.max) : Range(start: manifest.base, byteCount: manifest.byteCount)
  for range in manifest.regions.map(\.range) + manifest.holes.map(\.range) {
    precondition(!range.isEmpty && range.clamped(to: whole) == range)
  }
  // Names are made safe to print when they are written, so the second text is the one that must not change any more.
  guard let written = Manifest(parsing: manifest.text) else { preconditionFailure("it cannot be read again") }
  precondition(Manifest(parsing: written.text) == written)
  precondition(written.holes == manifest.holes && written.base == manifest.base)
  return 0
}
