import MemDumpTestSupport
import Testing

@testable import MemDump

/// The objects of a program of LuaJIT, beside what the program says of itself.
@Suite(.enabled(if: canTrace, "ptrace is not permitted here"), .enabled(if: has("luajit"), "luajit is not installed"))
struct LuaObjectsTests {
  /// 20,000 sessions, each with a list of tags; 5,000 lists of three numbers; 5,000 functions with a variable of their own; 2,000
  /// blocks of C.
  private static let program = """
    sessions, cache, functions, blocks = {}, {}, {}, {}
    local Session = {__name = "Session"}
    Session.__index = Session
    for i = 1, 20000 do
      sessions[i] = setmetatable({id = i, name = "session-user-" .. i, tags = {"a" .. i, "b"}}, Session)
    end
    for i = 1, 5000 do cache["node" .. i] = {i, i + 1, i + 2} end
    for i = 1, 5000 do functions[i] = function() return i end end
    local ffi = require "ffi"
    for i = 1, 2000 do blocks[i] = ffi.new("char[?]", 100) end
    collectgarbage("collect")
    collectgarbage("collect")
    io.write(string.format("%.0f", collectgarbage("count") * 1024), "\\n")
    io.flush()
    io.read()
    """

  @Test func theSumIsLuaJITsOwnAndTablesAreToldByTheirKeys() throws {
    let directory = try TemporaryDirectory()
    let child = try Child("luajit", [directory.write(Array(Self.program.utf8), to: "program.lua")])
    let counted = try #require(UInt64(try child.readLine()))
    let target = try TargetProcess(#require(ProcessID(rawValue: child.id)))
    guard case .found(let objects) = try LuaObjects.find(in: LiveMemory(target)) else {
      Issue.record("\(try LuaObjects.find(in: LiveMemory(target)))")
      return
    }
    // The answer itself is a text or two more.
    #expect(objects.total.byteCount >= counted && objects.total.byteCount < counted + 65536)
    // Blocks of C are not sized.
    #expect((940...1010).contains(objects.namedThousandths), "\(objects.namedThousandths)")
    let rows = Dictionary(uniqueKeysWithValues: objects.rows.map { (String(decoding: $0.name, as: UTF8.self), $0) })
    let sessions = try #require(rows["Session {id,name,tags}"], "\(rows.keys)")
    // A table with four nodes.
    #expect(sessions.objects == .init(count: 20000, byteCount: 20000 * 64))
    #expect(sessions.owned == .init(count: 20000, byteCount: 20000 * 4 * 24))
    let lists = try #require(rows["table []"])
    #expect((25000...25200).contains(lists.objects.count), "\(lists)")
    #expect((5000...5600).contains(rows["function"]?.objects.count ?? 0))
    #expect((5000...5200).contains(rows["upvalue"]?.objects.count ?? 0))
    #expect((45000...48000).contains(rows["string"]?.objects.count ?? 0))
    #expect((2000...2100).contains(rows["cdata"]?.objects.count ?? 0))
  }

  private static let holders = """
    SESSIONS = {}
    package.loaded["app.cache"] = {entries = {}}
    local cache = package.loaded["app.cache"].entries
    local seen = {}
    function remember(i)
      seen["event" .. i] = {event = i}
    end
    for i = 1, 1000 do
      SESSIONS["user" .. i] = {session = i}
      cache[i] = {entry = i}
      remember(i)
    end
    -- What holds itself, and nobody else does.
    for i = 1, 1000 do
      local lost = {lost = i}
      lost.self = lost
    end
    local thread = coroutine.create(function()
      local kept = {}
      kept.kept = 1
      coroutine.yield()
      return kept
    end)
    coroutine.resume(thread)
    WAITING = {thread}
    io.write("ready\\n")
    io.flush()
    io.read()
    """

  /// The shortest way from the globals, in the words of the program; what only the collector does not know yet has none.
  @Test func holdersAreNamedAsTheProgramNamesThem() throws {
    let directory = try TemporaryDirectory()
    let child = try Child("luajit", [directory.write(Array(Self.holders.utf8), to: "holders.lua")])
    try #require(child.readLine() == "ready")
    let memory = try LiveMemory(TargetProcess(#require(ProcessID(rawValue: child.id))))
    guard case .ready(let search) = try LuaHolders.prepare(memory) else { throw TestFailure("there is no LuaJIT") }
    func ways(_ type: String) throws -> [String: Int] {
      let names = search.objects.names(of: Array(type.utf8))
      guard names.count == 1, let holders = try search.holders(ofType: names[0]) else {
        throw TestFailure("\(type): \(names)")
      }
      return Dictionary(uniqueKeysWithValues: holders.rows.map { ($0.text, $0.count) })
    }
    #expect(try ways("table {session}") == ["[\"user#\"] <- [\"SESSIONS\"] <- _G": 200])
    let cached = "[] <- [\"entries\"] <- [\"app.cache\"] <- [\"loaded\"] <- [\"package\"] <- _G"
    #expect(try ways("table {entry}") == [cached: 200])
    #expect(
      try ways("table {event}") == ["[\"event#\"] <- upvalue seen of holders.lua:5 <- [\"remember\"] <- _G": 200])
    #expect(try ways("table {lost,self}") == [:])
    #expect(try ways("table {kept}") == ["stack <- [] <- [\"WAITING\"] <- _G": 1])
    // A name stands for the one that begins so; of several, it is asked which.
    #expect(try ways("table {sess") == ["[\"user#\"] <- [\"SESSIONS\"] <- _G": 200])
    let names = search.objects.names(of: Array("table {e".utf8))
    #expect(names.contains(Array("table {event}".utf8)) && names.contains(Array("table {entry}".utf8)))
  }

  @Test func anotherProgramHasNone() throws {
    let process = try FixtureProcess("--heap", "1M")
    guard case .none = try LuaObjects.find(in: LiveMemory(process.target())) else {
      Issue.record("there are objects of LuaJIT in a program of Swift")
      return
    }
  }
}
