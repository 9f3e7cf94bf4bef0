import SystemPackage
import Testing

@testable import MemDump

@Suite struct AccessFactsTests {
  private static let capability = Capability.trace.bit

  /// We and the target are the same ordinary user, and the kernel refused.
  private static func refused() -> AccessFacts {
    var facts = AccessFacts(own: status(user: 1000), target: status(user: 1000))
    facts.callError = .notPermitted
    facts.fileError = .permissionDenied
    facts.sharesUserNamespace = true
    facts.entryOwner = 1000
    return facts
  }

  private static func status(user: UInt32) -> ProcessStatus {
    var status = ProcessStatus(parsing: [])
    status.state = .sleeping
    status.parent = 1
    status.userIDs = [user, user, user, user]
    status.groupIDs = [user, user, user, user]
    return status
  }

  private static func problem(_ change: (inout AccessFacts) -> Void) -> AccessProblem? {
    var facts = refused()
    change(&facts)
    return facts.problem
  }

  @Test func nothingStandsInTheWayWhereEitherWayWorks() {
    #expect(Self.problem { $0.callError = nil } == nil)
    #expect(Self.problem { $0.fileError = nil } == nil)
    #expect(Self.problem { ($0.callError, $0.fileError) = (nil, nil) } == nil)
    // The answer of the kernel counts, whatever the facts would say.
    #expect(Self.problem { ($0.callError, $0.yamaScope) = (nil, 3) } == nil)
  }

  @Test func aProcessThatEndedMeanwhileIsNone() {
    #expect(Self.problem { $0.callError = .noSuchProcess } == .noSuchProcess)
  }

  @Test func aZombieNamesItsParent() {
    #expect(Self.problem { ($0.target.state, $0.target.parent) = (.zombie, 42) } == .zombie(parent: 42))
    #expect(Self.problem { $0.target.state = .dead } == .zombie(parent: 1))
    #expect(Self.problem { ($0.target.state, $0.callError) = (.zombie, nil) } == .zombie(parent: 1))
  }

  @Test func aThreadOfTheKernelHasNoMemory() {
    #expect(Self.problem { $0.isKernelThread = true } == .kernelThread)
    #expect(Self.problem { ($0.isKernelThread, $0.callError) = (true, nil) } == .kernelThread)
  }

  @Test func aKernelMayHaveNoCall() {
    #expect(Self.problem { ($0.callError, $0.fileError) = (.noFunction, .noSuchFileOrDirectory) } == .noSystemCall)
    #expect(Self.problem { $0.callError = .noFunction } != .noSystemCall)
  }

  @Test func yamaMayForbidItToEveryone() {
    #expect(Self.problem { $0.yamaScope = 3 } == .yamaNoAttach)
    #expect(
      Self.problem {
        $0.own.effectiveCapabilities = Self.capability; $0.yamaScope = 3
      } == .yamaNoAttach)
  }

  @Test func yamaMayAllowItToAdministratorsOnly() {
    #expect(Self.problem { $0.yamaScope = 2 } == .yamaAdminOnly)
    #expect(Self.problem { ($0.yamaScope, $0.isAncestor) = (2, true) } == .yamaAdminOnly)
  }

  @Test func yamaMayAllowItToAncestorsOnly() {
    #expect(Self.problem { $0.yamaScope = 1 } == .yamaRestricted)
    #expect(Self.problem { ($0.yamaScope, $0.isAncestor) = (1, true) } == .unknown(.notPermitted))
    #expect(Self.problem { $0.yamaScope = 0 } == .unknown(.notPermitted))
  }

  @Test func anotherUserIsNamed() {
    #expect(Self.problem { $0.target = Self.status(user: 33) } == .otherUser(owner: 33))
    #expect(Self.problem { $0.target = Self.status(user: 0) } == .otherUser(owner: 0))
    // Yama is not the reason then.
    #expect(
      Self.problem {
        $0.target = Self.status(user: 33); $0.yamaScope = 1
      } == .otherUser(owner: 33))
  }

  /// The real, effective and saved IDs must all be ours; the file-system ID does not count.
  @Test func everyIDOfTheTargetCounts() {
    for place in 0..<3 {
      #expect(Self.problem { $0.target.userIDs[place] = 0 } == (place == 0 ? .otherUser(owner: 0) : .changedRights))
      #expect(Self.problem { $0.target.groupIDs[place] = 0 } == .changedRights)
    }
    #expect(Self.problem { $0.target.userIDs[3] = 0 } == .unknown(.notPermitted))
    #expect(Self.problem { $0.target.groupIDs[3] = 0 } == .unknown(.notPermitted))
  }

  /// What a program has that was given CAP_SYS_PTRACE alone.
  @Test func theFilesOfAnotherUserTakeACapabilityOfTheirOwn() {
    #expect(
      Self.problem { ($0.callError, $0.pageMapError, $0.entryOwner) = (nil, .permissionDenied, 33) }
        == .filesOfOtherUser(owner: 33))
    #expect(Self.problem { ($0.callError, $0.pageMapError) = (nil, .noSuchFileOrDirectory) } == nil)
  }

  @Test func rootWithoutTheCapabilityIsAUserLikeAnyOther() {
    let problem = Self.problem {
      ($0.own, $0.target, $0.entryOwner) = (Self.status(user: 0), Self.status(user: 33), 33)
    }
    #expect(problem == .otherUser(owner: 33))
  }

  @Test func aNonDumpableProcessHasItsEntriesOwnedByAnother() {
    #expect(Self.problem { $0.entryOwner = 0 } == .nonDumpable)
    #expect(Self.problem { ($0.entryOwner, $0.yamaScope) = (0, 1) } == .nonDumpable)
    #expect(Self.problem { $0.entryOwner = nil } == .unknown(.notPermitted))
  }

  @Test func moreCapabilitiesThanOursForbidIt() {
    #expect(Self.problem { $0.target.permittedCapabilities = 1 << 10 } == .moreCapabilities)
    #expect(
      Self.problem { ($0.target.permittedCapabilities, $0.own.permittedCapabilities) = (1 << 10, 1 << 11) }
        == .moreCapabilities)
    #expect(
      Self.problem { ($0.target.permittedCapabilities, $0.own.permittedCapabilities) = (1 << 10, 3 << 10) }
        == .unknown(.notPermitted))
  }

  @Test func capabilitiesDoNotCountInAnotherUserNamespace() {
    #expect(
      Self.problem { ($0.own.effectiveCapabilities, $0.sharesUserNamespace) = (Self.capability, false) }
        == .otherUserNamespace)
    #expect(Self.problem { $0.sharesUserNamespace = false } == .otherUserNamespace)
  }

  @Test func aSeccompFilterOfOurOwnForbidsIt() {
    #expect(Self.problem { $0.own.seccomp = 2 } == .ownSeccomp)
    #expect(Self.problem { ($0.own.seccomp, $0.own.effectiveCapabilities) = (2, Self.capability) } == .ownSeccomp)
    #expect(Self.problem { $0.own.seccomp = 1 } == .unknown(.notPermitted))
    // A filter is the last thing to suspect where another reason holds.
    #expect(Self.problem { ($0.own.seccomp, $0.yamaScope) = (2, 1) } == .yamaRestricted)
  }

  @Test func whatNoReasonExplainsIsToldAsTheSystemToldIt() {
    #expect(Self.problem { _ in } == .unknown(.notPermitted))
    #expect(Self.problem { $0.callError = .ioError } == .unknown(.ioError))
  }

  @Test func whoHasTheCapabilityAndIsRefusedIsToldSo() {
    for isShared in [true, nil] as [Bool?] {
      let problem = Self.problem {
        ($0.own.effectiveCapabilities, $0.sharesUserNamespace) = (Self.capability, isShared)
      }
      #expect(problem == .forbiddenToCapable(.notPermitted))
    }
    // Neither the user nor the target's capabilities are the reason then.
    let other = Self.problem { ($0.own.effectiveCapabilities, $0.target) = (Self.capability, Self.status(user: 33)) }
    #expect(other == .forbiddenToCapable(.notPermitted))
  }

  @Test func theCapabilityIsThatForTracing() { #expect(Capability.trace.bit == 0x80000) }

  @Test func missingIDsAreNoPermission() {
    #expect(Self.problem { ($0.own.userIDs, $0.own.groupIDs) = ([], []) } == .otherUser(owner: 1000))
    #expect(Self.problem { ($0.target.userIDs, $0.target.groupIDs) = ([], []) } == .unknown(.notPermitted))
  }
}
