/// What memdump needs of /proc/PID/stat; see proc_pid_stat(5).
struct ProcessStat {
  /// The short name (comm), unescaped.
  var name: [UInt8]
  /// The state letter.
  var state: UInt8
  /// The PID of the parent, 0 for none that we can see; the process group and the session.
  var parent: Int32 = 0
  var group: Int32 = 0
  var session: Int32 = 0
  /// The nice value.
  var nice: Int8 = 0
  /// The signal that the parent gets when the process ends: 0 for none; nil where the text ends before this field.
  var exitSignal: Int32?
  /// The process's flags (PF_*).
  var flags: UInt64
  /// The start time, in clock ticks after boot: with the PID the start time names a process for good.
  var startTime: UInt64

  /// Whether the thread has ended; a process lives on while another thread of it does.
  var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") || state == UInt8(ascii: "x") }

  /// Whether the process is a kernel thread (PF_KTHREAD).
  var isKernelThread: Bool { flags & 0x0020_0000 != 0 }

  /// Whether the main thread is ending, or has ended (PF_EXITING).
  var isEnding: Bool { flags & 0x4 != 0 }

  /// Where the environment lies that the process was given; empty where we may not know, or the text ends before.
  var environment = Address(0)..<Address(0)

  /// Reads the text of a stat file; nil where the text is malformed. The name is between the first `(` and the last `)`
  /// and may hold anything, blanks and brackets too.
  init?(parsing bytes: [UInt8]) {
    guard let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes.lastIndex(of: UInt8(ascii: ")")),
      open < close
    else { return nil }
    name = Array(bytes[open + 1..<close])
    var reader = ByteReader(bytes, close + 1..<bytes.count)
    reader.skipBlanks()
    guard let state = reader.takeByte() else { return nil }
    self.state = state
    var fields: [ArraySlice<UInt8>] = []
    reader.skipBlanks()
    while fields.count < 48, !reader.isAtEnd { fields.append(reader.take(upTo: UInt8(ascii: " "))) }
    guard fields.count >= 19,
      let flags = UInt64(String(decoding: fields[5], as: UTF8.self)),
      let startTime = UInt64(String(decoding: fields[18], as: UTF8.self))
    else { return nil }
    exitSignal = fields.count < 35 ? nil : Int32(String(decoding: fields[34], as: UTF8.self))
    (self.flags, self.startTime) = (flags, startTime)
    func number<Number: FixedWidthInteger>(_ index: Int) -> Number {
      Number(String(decoding: fields[index], as: UTF8.self)) ?? 0
    }
    (parent, group, session, nice) = (number(0), number(1), number(2), number(15))
    if fields.count >= 48 {
      let (start, end): (UInt64, UInt64) = (number(46), number(47))
      if start < end { environment = Address(start)..<Address(end) }
    }
  }
}
