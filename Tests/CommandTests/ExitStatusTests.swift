import Testing

@testable import memdump

@Suite struct ExitStatusTests {
  @Test func aSignalComesFirst() {
    let status = ExitStatus(signal: 15, isVerified: false, hasFailed: true, fitsPause: false, hasFound: false)
    #expect(status == .signal(15) && status.code == 143)
  }

  @Test func thenThatAProcessWasNotSeenToRunAsBefore() {
    let status = ExitStatus(isVerified: false, hasFailed: true, fitsPause: false, hasFound: false)
    #expect(status == .unverified && status.code == 3)
  }

  @Test func thenAFailure() {
    let status = ExitStatus(hasFailed: true, fitsPause: false, hasFound: false)
    #expect(status == .failed && status.code == 2)
  }

  @Test func thenThatThePauseWasOver() {
    let status = ExitStatus(fitsPause: false, hasFound: false)
    #expect(status == .budgetExhausted && status.code == 4)
  }

  @Test func thenThatNothingWasFound() {
    let status = ExitStatus(hasFound: false)
    #expect(status == .nothingFound && status.code == 1)
  }

  @Test func otherwiseAllIsWell() throws {
    #expect(ExitStatus() == .done && ExitStatus().code == 0)
    #expect(ExitStatus(looks: [nil]) == .done)
    try ExitStatus.done.leave()
    try ExitStatus.command(0).leave()
  }

  @Test func aCommandThatWasRunHasItsOwn() { #expect(ExitStatus.command(7).code == 7) }
}
