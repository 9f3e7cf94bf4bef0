# What the packages are called and when they were made; read by the scripts beside it.

# Whether this is a repository, and not a tarball that is unpacked somewhere in another one.
is_repository() { [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; }

# The version has one owner.
version=$(sed -n 's/.*static let text = "\(.*\)"/\1/p' Sources/MemDump/Version.swift)

# All times in a package are that of the commit, or of SOURCE_DATE_EPOCH, so that it can be made again byte for byte.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(is_repository && git log -1 --format=%ct || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
