/// An allocator that is known by its signs, and not walked.
struct NamedAllocator: Allocator {
  let name: String
  let title: String
  let signs: AllocatorSigns

  init(_ name: String, title: String? = nil, libraries: [String] = [], text: String? = nil) {
    (self.name, self.title, signs) = (name, title ?? name, AllocatorSigns(libraries: libraries, text: text))
  }

  /// Of redis, FreeBSD and older programs of Rust; its messages begin with its name.
  static let jemalloc = NamedAllocator("jemalloc", libraries: ["libjemalloc"], text: "<jemalloc>: ")
  /// Google's.
  static let tcmalloc = NamedAllocator("tcmalloc", libraries: ["libtcmalloc"], text: "tcmalloc: ")
  /// Microsoft's.
  static let mimalloc = NamedAllocator("mimalloc", libraries: ["libmimalloc"], text: "mimalloc: ")
  /// The runtime of Go, which puts that text before how a program was built.
  static let go = NamedAllocator("go", title: "Go", text: " Go buildinf:")
  /// The small C library of Alpine Linux.
  static let musl = NamedAllocator("musl", libraries: ["ld-musl-", "libc.musl-"])
}
