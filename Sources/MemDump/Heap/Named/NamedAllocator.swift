/// An allocator that is known by its signs, and whose heap is not walked.
struct NamedAllocator: Allocator {
  let name: String
  let title: String
  let signs: AllocatorSigns

  init(_ name: String, title: String? = nil, libraries: [String] = [], text: String? = nil) {
    (self.name, self.title, signs) = (name, title ?? name, AllocatorSigns(libraries: libraries, text: text))
  }

  /// The allocator of redis, FreeBSD and older Rust programs; its messages begin with its name.
  static let jemalloc = NamedAllocator("jemalloc", libraries: ["libjemalloc"], text: "<jemalloc>: ")
  /// The allocator of Google.
  static let tcmalloc = NamedAllocator("tcmalloc", libraries: ["libtcmalloc"], text: "tcmalloc: ")
  /// The allocator of Microsoft.
  static let mimalloc = NamedAllocator("mimalloc", libraries: ["libmimalloc"], text: "mimalloc: ")
  /// The runtime of Go, which puts that text before the build information of a program.
  static let go = NamedAllocator("go", title: "Go", text: " Go buildinf:")
  /// musl, the small C library of Alpine Linux.
  static let musl = NamedAllocator("musl", libraries: ["ld-musl-", "libc.musl-"])
}
