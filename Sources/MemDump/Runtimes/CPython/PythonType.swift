/// A type of a Python program (`PyTypeObject`), whose first fields are where they were from 2.7 to 3.13.
struct PythonType: Sendable {
  /// The places of fields behind the start of a type, in bytes.
  static let (nameOffset, basicOffset, itemOffset, flagsOffset): (UInt64, UInt64, UInt64, UInt64) = (24, 32, 40, 168)
  static let (baseOffset, dictOffset): (UInt64, UInt64) = (256, 264)

  /// Where the type is.
  let address: Address
  /// Its name, as `tp_name` has it: with the module for a type of C, and without for one of Python.
  let name: [UInt8]
  /// The bytes of an object without items.
  let basicByteCount: UInt64
  /// The bytes of each item that it has; 0 for none.
  let itemByteCount: UInt64
  /// Its flags (`tp_flags`).
  let flags: UInt64
  /// The type of the type, and the one that it derives from; 0 for none.
  let meta: UInt64
  let base: UInt64

  /// The flag of types whose objects have a head for the collector (Py_TPFLAGS_HAVE_GC), and those of types whose objects have
  /// two words before that head, for a dictionary and weak references, where the version of Python has these
  /// (Py_TPFLAGS_PREHEADER).
  static let (collected, managed): (UInt64, UInt64) = (1 << 14, 0x18)

  var isCollected: Bool { flags & Self.collected != 0 }
  var isManaged: Bool { flags & Self.managed != 0 }
  /// Whether the type was made while the program ran (Py_TPFLAGS_HEAPTYPE).
  var isMade: Bool { flags >> 9 & 1 == 1 }

  /// Whether attributes stand behind an object, in the same block (Py_TPFLAGS_INLINE_VALUES, from 3.13 on).
  var hasInlineValues: Bool { flags >> 2 & 1 == 1 }

  /// What an object can be by the flags of its type, those of types that derive from it included.
  var isList: Bool { flags >> 25 & 1 == 1 }
  var isTuple: Bool { flags >> 26 & 1 == 1 }
  var isBytes: Bool { flags >> 27 & 1 == 1 }
  var isText: Bool { flags >> 28 & 1 == 1 }
  var isDictionary: Bool { flags >> 29 & 1 == 1 }
  var isType: Bool { flags >> 31 & 1 == 1 }
  var isNumber: Bool { flags >> 24 & 1 == 1 || name == Array("float".utf8) || name == Array("complex".utf8) }

  /// Whether an object of the type itself can hold no other: what looks like a pointer in one is left over. Objects of a type that
  /// derives from it may have a dictionary, and are told by the flags of their own.
  var holdsNothing: Bool { (isText || isBytes || isNumber) && !isCollected && !isMade }

  /// The least bytes of an object. A text of ASCII is shorter than its type says.
  var leastByteCount: UInt64 { isText ? 40 : basicByteCount }
}
