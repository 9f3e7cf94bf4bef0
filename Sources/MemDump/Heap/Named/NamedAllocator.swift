/// An allocator that is known by its signs, and whose heap is not walked.
struct NamedAllocator: Allocator {
  let name: String
  let title: String
  let signs: AllocatorSigns

  init(_ name: String, title: String? = nil, libraries: [String] = [], texts: [String] = []) {
    (self.name, self.title, signs) = (name, title ?? name, AllocatorSigns(libraries: libraries, texts: texts))
  }

  /// The newer tcmalloc of Google, with caches for each processor.
  static let googleTcmalloc = NamedAllocator(
    "google-tcmalloc", title: "Google's newer tcmalloc", texts: ["tcmalloc_internal", "tcmalloc/internal/"])
}
