import MemDump

/// Pools that are in each other, for people: each below the one that it is in, and those of one name there in one row.
struct PoolTree {
  /// A row: a pool, or several of one name that are in pools of one row.
  struct Row: Sendable {
    /// How deep the pool is.
    var level: Int
    /// The number of pools.
    var count: Int
    /// Their figures together, without those of the pools in them.
    var sum: MemoryPool

    /// The name, indented by the level.
    var text: String {
      // A tree that is deeper is that of a hostile file.
      String(repeating: "  ", count: min(level, 32)) + sum.role + (count > 1 ? " × \(grouped(count))" : "")
        + (sum.ident.isEmpty ? "" : " " + EscapedText(sum.ident).description)
    }
  }

  /// A row that is still made, and the rows in it, by name.
  private struct Node {
    var row: Row
    var children: [String: Int] = [:]
    var order: [Int] = []
  }

  /// The rows, from the root on; those in one row by size with all that is in them, the largest first.
  let rows: [Row]

  /// Puts pools together, each of which comes after the one that it is in.
  init(_ pools: [MemoryPool]) {
    var nodes: [Node] = []
    var roots: [Int] = []
    var places: [Address: Int] = [:]
    for pool in pools {
      let parent = pool.parent.flatMap { places[$0] }
      if let parent, let known = nodes[parent].children[pool.role] {
        nodes[known].row.count += 1
        nodes[known].row.sum.add(pool)
        nodes[known].row.sum.ident = []
        places[pool.address] = known
        continue
      }
      let place = nodes.count
      nodes.append(Node(row: Row(level: parent.map { nodes[$0].row.level + 1 } ?? 0, count: 1, sum: pool)))
      places[pool.address] = place
      if let parent {
        nodes[parent].children[pool.role] = place
        nodes[parent].order.append(place)
      } else {
        roots.append(place)
      }
    }
    // What is in a node comes after it.
    var totals = nodes.map(\.row.sum.byteCount)
    for place in nodes.indices.reversed() {
      totals[place] = nodes[place].order.reduce(totals[place]) { $0 &+ totals[$1] }
    }
    var (rows, pending): ([Row], [Int]) = ([], roots.reversed())
    while let place = pending.popLast() {
      rows.append(nodes[place].row)
      pending += nodes[place].order.sorted {
        (totals[$0], nodes[$1].row.sum.role) < (totals[$1], nodes[$0].row.sum.role)
      }
    }
    self.rows = rows
  }
}
