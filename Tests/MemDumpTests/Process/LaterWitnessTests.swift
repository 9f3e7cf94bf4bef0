import Glibc
import MemDumpTestSupport
import SystemPackage
import Testing

@testable import MemDump

@Suite struct LaterWitnessTests {
  @Test func seesWhatRuns() throws {
    let target = try TargetProcess(Syscall.ownProcess)
    let before = try Witness(target)
    let after = LaterWitness(target)
    #expect(after.runs(as: before))
    #expect(after.stateName == "running")
    #expect(!after.isEnd)
  }

  @Test func whatCannotBeSeenHasNotEnded() async {
    await #expect(processExitsWith: .success) {
      let target = try TargetProcess(Syscall.ownProcess)
      let before = try Witness(target)
      while dup(0) >= 0 {}  // up to the limit of open files
      let after = LaterWitness(target)
      #expect(!after.isEnd)
      #expect(!after.runs(as: before))
      #expect(after.stateName == "unknown")
      guard case .unseen(let error) = after else { exit(1) }
      #expect(error.description.contains("Too many open files"))
    }
  }

  @Test func aThreadThatCannotBeSeenIsNotLeftOut() async throws {
    let own = Syscall.ownProcess
    let target = try TargetProcess(own)
    #expect(try target.read(.stat, of: own) != nil)
    let none = try #require(ThreadID(rawValue: .max))
    #expect(try target.read(.stat, of: none) == nil)
    await #expect(processExitsWith: .success) {
      let own = Syscall.ownProcess
      let target = try TargetProcess(own)
      while dup(0) >= 0 {}
      #expect(throws: MemDumpError.self) { try target.read(.stat, of: own) }
    }
  }

  @Test func whatForbidsALookIsNoEnd() async {
    await #expect(processExitsWith: .success) {
      let target = try TargetProcess(Syscall.ownProcess)
      while dup(0) >= 0 {}
      guard case .unknown(.tooManyOpenFiles) = Access.diagnose(target) else { exit(1) }
    }
  }

  @Test func aProcessThatHasEndedIsToldAsSuch() throws {
    let child = try Child("cat", [])
    let target = try TargetProcess(try #require(ProcessID(rawValue: child.id)))
    let before = try Witness(target)
    child.closeInput()
    #expect(try child.wait() == .status(0))
    let after = LaterWitness(target)
    #expect(after.isEnd)
    #expect(!after.runs(as: before))
    #expect(after.stateName == "ended")
  }
}
