import Glibc

// What a test may need of the machine it runs on. Each stands in a named condition of the tests that need it.

/// Whether a process may trace its own child here; containers can forbid it.
public let canTrace: Bool = (try? Child(Programs.path("attach-control"), ["probe"]).wait()) != .status(1)

/// Whether snapshots are written for this processor.
public let canSnapshot: Bool = {
  #if arch(x86_64)
    true
  #else
    false
  #endif
}()

/// Whether we are root, so that tests can run programs as another user.
public let isRoot = geteuid() == 0 && Programs.find("setpriv") != nil

/// Whether we may mount a file system in a mount namespace of our own.
public let canMount: Bool = {
  guard isRoot, Programs.find("unshare") != nil else { return false }
  let child = try? Child("unshare", ["-m", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"])
  return (try? child?.wait()) == .status(0)
}()

/// Whether a file system in user space can be served here.
public let canServeFiles = canMount && access("/dev/fuse", R_OK | W_OK) == 0

/// Whether system calls of the tool can be made to fail.
public let canInjectFailures = canTrace && Programs.find("strace") != nil

/// Whether the long form of the tests was asked for.
public let isFullRun = getenv("MEMDUMP_TEST_FULL").map { String(cString: $0) } == "1"

/// Whether `gcore` of gdb is installed and may be used.
public let canDumpCore = canTrace && Programs.find("gcore") != nil

/// Whether binutils are installed, whose strings ours is compared with.
public let hasGNUStrings = Programs.find("strings") != nil

/// Whether all of these programs are there.
public func has(_ programs: String...) -> Bool { programs.allSatisfy { Programs.find($0) != nil } }

/// Whether nginx and its headers are installed, so that the leaking module can be built.
public let canBuildNginxModule =
  access("/usr/share/nginx/src/conf_flags", R_OK) == 0 && Programs.find("nginx") != nil && Programs.find("cc") != nil
