import ArgumentParser
import MemDump

/// `memdump postgres-contexts SOURCE`: the memory contexts of PostgreSQL.
struct PostgresContextsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "postgres-contexts",
    abstract:
      "Show the memory contexts of a PostgreSQL process: what for, how large, and what is free in them. Pauses a process "
      + "(stop or snapshot) for 500 ms at most.",
    usage: "memdump postgres-contexts <source> [<options>]",
    discussion: """
      \(SourceArgument.rule) memdump finds the contexts by their shape (MemoryContextData, PostgreSQL 13 and later) and needs \
      no symbols, no connection and no privilege in the database; the backend may be busy, or stuck.

      The figures are those of pg_backend_memory_contexts. A hash table is named by what it is for, as there.

      --every looks at a process twice, and tells which contexts grew in between, and of which name there are more.

      Examples:
        memdump postgres-contexts 26039
        memdump postgres-contexts 26039 --tree
        memdump postgres-contexts 26039 --every 10s
      """)

  @OptionGroup var pools: PoolOptions

  @Flag(help: "Print all contexts, each below the one that it is in; those of one name there are counted together.")
  var tree = false

  func run() throws { try pools.run(PostgresContexts(), asTree: tree) }
}
