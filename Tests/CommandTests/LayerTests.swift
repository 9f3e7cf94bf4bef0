import MemDumpTestSupport
import Testing

/// The rooms of the library lie in layers: each uses those before it, and none behind it.
@Suite struct LayerTests {
  /// The rooms, bottom up. A new one gets its place here.
  static let rooms = [
    "Bytes", "Demangling", "System", "Errors", "Regions", "Process", "Memory", "Files", "Search", "Scan", "Stopping",
    "Symbols", "Profiles", "DebugInfo", "Stacks", "Runtimes", "Heap", "Objects", "Strings", "Diff", "Dump", "Pools",
    "References",
    "Allocations", "Footprint", "Watch", "Host",
  ]

  private static let library = SourceText.all(
    in: #filePath.dropLast("Tests/CommandTests/LayerTests.swift".count) + "Sources/MemDump")

  /// Where a room uses a type of a room above it, a sentence for each.
  private static func violations(_ files: [SourceText], rooms: [String]) -> [String] {
    let floors = Dictionary(uniqueKeysWithValues: zip(rooms, rooms.indices))
    var homes: [String: SourceText] = [:]
    for file in files { for type in file.types { homes[type] = file } }
    return files.flatMap { file -> [String] in
      let own = Set(file.nestedTypes)
      return file.names.subtracting(own).sorted().compactMap { name in
        guard let home = homes[name], let floor = floors[file.room], let other = floors[home.room], other > floor else {
          return nil
        }
        return "\(file.path) uses \(name) of the room \(home.room), which is above it"
      }
    }
  }

  @Test func noRoomUsesOneAboveIt() {
    #expect(Self.library.count > 100)
    #expect(Self.violations(Self.library, rooms: Self.rooms) == [])
  }

  @Test func everyFileIsInARoomOfTheList() {
    let strays = Self.library.filter { !$0.room.isEmpty && !Self.rooms.contains($0.room) }
    #expect(strays.map(\.path) == [])
    #expect(Self.library.filter(\.room.isEmpty).map(\.path) == ["Version.swift"])
    #expect(Self.rooms.filter { room in !Self.library.contains { $0.room == room } } == [])
  }

  /// A name means one thing wherever it is read, so that a type inside of another one does not pose as one of the library's.
  @Test func noTypeInsideOfAnotherHasTheNameOfOneOfTheLibrary() {
    let types = Set(Self.library.flatMap(\.types))
    let namesakes = Self.library.flatMap { file in
      file.nestedTypes.filter(types.contains).map { "\(file.path): \($0)" }
    }
    #expect(namesakes == [])
  }

  @Test func anImportThatIsTurnedRoundIsSeen() {
    let files = [
      SourceText(path: "Low/Brick.swift", "/// See House.\nstruct Brick { let text = \"House\" }\n"),
      SourceText(path: "High/House.swift", "struct House {\n  var bricks: [Brick]\n  struct Room {}\n}\n"),
    ]
    #expect(Self.violations(files, rooms: ["Low", "High"]) == [])
    #expect(
      Self.violations(files, rooms: ["High", "Low"])
        == ["High/House.swift uses Brick of the room Low, which is above it"])
    let turned = files + [SourceText(path: "Low/Mortar.swift", "func mix() -> Other.House { \"\\(House())\" }\n")]
    #expect(
      Self.violations(turned, rooms: ["Low", "High"])
        == ["Low/Mortar.swift uses House of the room High, which is above it"])
  }
}
