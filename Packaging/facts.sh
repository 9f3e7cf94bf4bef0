# What the packages are called and when they were made; read by dist.sh and deb.sh.

# The version has one owner.
version=$(sed -n 's/.*static let text = "\(.*\)"/\1/p' Sources/MemDump/Version.swift)

# All times in a package are that of the commit, or of SOURCE_DATE_EPOCH, so that it can be made again byte for byte.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
