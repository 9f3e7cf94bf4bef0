import Testing

@testable import MemDump

@Suite struct AskedFilesTests {
  @Test func mountsThatAskAtACloseAreFound() {
    let text = """
      22 27 0:21 / /proc rw,nosuid - proc proc rw
      27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
      42 27 0:39 / /home/x\\040- rw shared:2 master:3 - fuse.sshfs host:/x rw,user_id=0
      43 27 0:40 / /mnt rw - nfs4 server:/x rw
      44 27 0:41 / /a rw - fuse
      broken - fuse x
      45 27 0:42 / /b rw -

      """
    #expect(AskedFiles.fileSystems(Array(text.utf8)) == [42: "fuse.sshfs", 43: "nfs4", 44: "fuse"])
    #expect(AskedFiles.fileSystems([]).isEmpty)
  }

  @Test func anOpenFileTellsItsMountAndWhetherItIsWritable() throws {
    func facts(_ text: String) -> (mount: UInt64, isWritable: Bool)? { AskedFiles.facts(Array(text.utf8)) }
    let read = try #require(facts("pos:\t0\nflags:\t0100000\nmnt_id:\t42\nino:\t7\n"))
    #expect(read == (42, false))
    let written = try #require(facts("pos:\t0\nflags:\t0100002\nmnt_id:\t43\n"))
    #expect(written == (43, true))
    #expect(facts("pos:\t0\n") == nil)
  }
}
