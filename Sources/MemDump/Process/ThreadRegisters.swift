/// The registers of one thread while it was stopped.
public struct ThreadRegisters: Hashable, Sendable {
  /// A register set or the cause of a stop, in the kernel's own form: what a note of an ELF core holds.
  public struct Note: Hashable, Sendable {
    /// The type of the note: NT_PRSTATUS, NT_FPREGSET, NT_X86_XSTATE and so on; see elf.h.
    public var type: UInt32
    /// The contents of the note.
    public var bytes: [UInt8]

    /// Makes a note.
    public init(type: UInt32, bytes: [UInt8]) { (self.type, self.bytes) = (type, bytes) }
  }

  /// The ID of the thread.
  public var thread: ThreadID
  /// The signal that the thread was to receive when it stopped; 0 for none.
  public var signal: Int32
  /// The register sets of the thread, the general ones first; none where the thread did not stop, or has ended.
  public var notes: [Note]

  /// Makes the registers of a thread.
  public init(thread: ThreadID, signal: Int32 = 0, notes: [Note]) {
    (self.thread, self.signal, self.notes) = (thread, signal, notes)
  }

  /// The stack pointer, where the general registers of this processor hold it (struct user_regs_struct of x86-64, struct
  /// user_pt_regs of arm64); nil where they do not.
  var stackPointer: Address? {
    guard let general = notes.first(where: { $0.type == 1 })?.bytes else { return nil }
    let place: Int? =
      switch general.count {
      case 27 * 8: 19
      case 34 * 8: 31
      default: nil
      }
    return place.flatMap { general.load(UInt64.self, at: $0 * 8) }.map { Address($0) }
  }

  /// Where what is the thread's own lies, which is its number in the C library (pthread_self(3)); nil where that is not known.
  var threadPointer: Address? {
    guard let general = notes.first(where: { $0.type == 1 })?.bytes, general.count == 27 * 8 else { return nil }
    return general.load(UInt64.self, at: 21 * 8).map { Address($0) }
  }

  /// Reads the records of the holder (struct cprocmem_thread_record), the main thread's first, then by number.
  static func parse(records bytes: [UInt8], of process: ProcessID) -> [ThreadRegisters] {
    var threads: [ThreadRegisters] = []
    var offset = 0
    while let number = bytes.load(Int32.self, at: offset), let signal = bytes.load(Int32.self, at: offset + 4),
      let count = bytes.load(UInt32.self, at: offset + 8), let thread = ThreadID(rawValue: number)
    {
      offset += 16
      var notes: [Note] = []
      for _ in 0..<count {
        guard let type = bytes.load(UInt32.self, at: offset), let size = bytes.load(UInt32.self, at: offset + 4),
          Int(size) <= bytes.count - offset - 8
        else { return threads }
        notes.append(Note(type: type, bytes: Array(bytes[offset + 8..<offset + 8 + Int(size)])))
        offset += 8 + (Int(size) + 7) & ~7
      }
      threads.append(ThreadRegisters(thread: thread, signal: signal, notes: notes))
    }
    return threads.sorted { ($0.thread != process ? 1 : 0, $0.thread) < ($1.thread != process ? 1 : 0, $1.thread) }
  }
}
