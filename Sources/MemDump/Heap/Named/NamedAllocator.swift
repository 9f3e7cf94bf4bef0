/// An allocator that is known by its signs, and whose heap is not walked.
struct NamedAllocator: Allocator {
  let name: String
  let title: String
  let signs: AllocatorSigns

  init(_ name: String, title: String? = nil, libraries: [String] = [], texts: [String] = []) {
    (self.name, self.title, signs) = (name, title ?? name, AllocatorSigns(libraries: libraries, texts: texts))
  }

  /// The allocator of redis, FreeBSD and older Rust programs; its messages begin with its name.
  static let jemalloc = NamedAllocator("jemalloc", libraries: ["libjemalloc"], texts: ["<jemalloc>: "])
  /// The allocator of Google.
  static let tcmalloc = NamedAllocator("tcmalloc", libraries: ["libtcmalloc"], texts: ["tcmalloc: "])
  /// The allocator of Microsoft.
  static let mimalloc = NamedAllocator("mimalloc", libraries: ["libmimalloc"], texts: ["mimalloc: "])
  /// The runtime of Go, which puts that text before the build information of a program.
  static let go = NamedAllocator("go", title: "Go", texts: [" Go buildinf:"])
  /// musl, the small C library of Alpine Linux. A program names its loader, whatever that is a link to, and one that is linked
  /// statically has the message of errno 0.
  static let musl = NamedAllocator(
    "musl", libraries: ["ld-musl-", "libc.musl-"], texts: ["/lib/ld-musl-", "No error information"])
}
