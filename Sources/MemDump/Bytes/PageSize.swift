internal import Glibc

/// The size of a page, in bytes.
package let pageSize = UInt64(sysconf(Int32(_SC_PAGESIZE)))
