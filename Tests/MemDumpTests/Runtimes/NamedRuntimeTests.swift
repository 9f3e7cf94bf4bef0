import Testing

@testable import MemDump

@Suite struct NamedRuntimeTests {
  private static func region(_ start: UInt64, _ name: String) -> MemoryRegion {
    MemoryRegion(
      number: 0, range: Address(start)..<Address(start + 4096), permissions: [.read, .execute], fileOffset: 0,
      inode: 1, name: Array(name.utf8), kind: .file, usage: nil, deviceNumber: 0)
  }

  private static func names(_ program: String, _ libraries: [String] = []) -> [String] {
    let regions =
      [region(0x1000, program)]
      + libraries.enumerated().map { region(0x10000 + UInt64($0) * 4096, $1) }
    return NamedRuntime.found(in: regions).map(\.runtime.name)
  }

  @Test func aProgramOrALibraryTellsTheRuntime() {
    #expect(Self.names("/usr/bin/node") == ["v8"])
    #expect(
      Self.names("/usr/lib/jvm/java-17-openjdk-amd64/bin/java", ["/usr/lib/jvm/lib/server/libjvm.so"]) == ["hotspot"])
    #expect(Self.names("/usr/bin/ruby3.1") == ["ruby"] && Self.names("/usr/bin/perl") == ["perl"])
    #expect(Self.names("/usr/lib/erlang/erts/bin/beam.smp") == ["erlang"])
    #expect(Self.names("/opt/app", ["/usr/share/dotnet/libcoreclr.so"]) == ["dotnet"])
    #expect(Self.names("/usr/sbin/nginx", ["/lib/libc.so.6", "/usr/lib/libnodes.so"]) == [])
    // A library does not make a program, nor a program a library.
    #expect(Self.names("/usr/sbin/nginx", ["/opt/node"]) == [] && Self.names("") == [])
  }

  @Test func theAdviceHasTheNumberOfTheProcess() throws {
    let java = try #require(NamedRuntime.all.first { $0.name == "hotspot" })
    #expect(java.advice("4711").hasPrefix("`jcmd 4711 GC.class_histogram` counts its objects by class"))
    #expect(Set(NamedRuntime.all.map(\.name)).count == NamedRuntime.all.count)
  }
}
