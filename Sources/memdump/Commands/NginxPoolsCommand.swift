import ArgumentParser
import MemDump

/// `memdump nginx-pools SOURCE`: the memory pools of nginx.
struct NginxPoolsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nginx-pools",
    abstract:
      "Show the memory pools of nginx: blocks, bytes, and what was emptied but is never used again. Pauses a process (stop "
      + "or snapshot) for 500 ms at most.",
    usage: "memdump nginx-pools <source> [<options>]",
    discussion: """
      \(SourceArgument.rule) memdump finds pools by their shape (ngx_pool_t) and needs no symbols.

      Roles, by the first thing that nginx puts in a pool: cycle (the configuration), connection, request. other is that of \
      a module, or of anything else.

      EMPTIED is what lies in blocks that hold nothing, and that stand before the block where the pool looks for room: \
      memory that it keeps and will not use again.

      --every looks at a process twice, and tells which pools grew in between, and of which role there are more. A cycle pool \
      must not grow while nginx serves.

      Examples:
        memdump nginx-pools nginx --children --newest
        memdump nginx-pools 26039 --every 3s
      """)

  @OptionGroup var pools: PoolOptions

  func run() throws { try pools.run(NginxPools()) }
}
