/// The objects that lead to some objects of a Python program, level by level, and where ways end.
struct PythonReferrers: Sendable {
  typealias Node = Int32

  /// An end of ways.
  struct End: Hashable, Sendable {
    var kind: ObjectHolders.Kind
    var name: String?
    /// Whether it is known to be in use, and not what a call may have left over.
    var isSure = true
    /// The object that it is; nil for none.
    var object: Address?
  }

  /// What leads to an object.
  enum Referrer: Hashable, Sendable {
    case object(Node)
    case end(End)
  }

  /// One of the holders of an object, with the key under which a dictionary has it.
  struct Link: Hashable, Sendable {
    var holder: Referrer
    /// The step to the holder for people; nil for an end without one.
    var step: String?
  }

  private(set) var objects: [PythonReader.Object] = []
  private(set) var links: [[Link]] = []
  /// Those that have more holders than were looked for.
  private var open: Set<Node> = []
  private var numbers = AddressNumbers()

  /// The most objects; the most holders of one that are objects of one type, and the most of all kinds. So the one that tells what
  /// holds an object has room behind a thousand others of another type.
  private static let (most, mostAlike, mostLinks) = (1 << 20, 32, 128)

  /// The node of an object; nil for no more room.
  mutating func node(of object: PythonReader.Object) -> (node: Node, isNew: Bool)? {
    if let number = numbers[object.address.rawValue] { return (Node(number), false) }
    guard objects.count < Self.most else { return nil }
    numbers.insert(object.address.rawValue, objects.count)
    objects.append(object)
    links.append([])
    return (Node(objects.count - 1), true)
  }

  /// Links a node to an end that holds it.
  mutating func link(_ node: Node, to end: End, step: String?) {
    let link = Link(holder: .end(end), step: step)
    if links[Int(node)].contains(link) { return }
    guard links[Int(node)].count < Self.mostLinks else { return leaveOpen(node) }
    links[Int(node)].append(link)
  }

  /// Links a node to an object that holds it. Returns the object's node where that is new; nil where it is known, or has no room.
  mutating func link(_ node: Node, to object: PythonReader.Object, step: String?) -> Node? {
    var alike = 0
    for case .object(let holder) in links[Int(node)].lazy.map(\.holder) where objects[Int(holder)].type == object.type {
      alike += 1
    }
    guard alike < Self.mostAlike, links[Int(node)].count < Self.mostLinks, let (holder, isNew) = self.node(of: object)
    else {
      leaveOpen(node)
      return nil
    }
    let link = Link(holder: .object(holder), step: step)
    if !links[Int(node)].contains(link) { links[Int(node)].append(link) }
    return isNew ? holder : nil
  }

  /// Notes that a node may have other holders than those it is linked to.
  mutating func leaveOpen(_ node: Node) { open.insert(node) }

  /// Whether all was looked for that leads to an object.
  func isFollowed(from start: Node) -> Bool {
    var (queue, next, seen): ([Node], Int, Set<Node>) = ([start], 0, [start])
    while next < queue.count {
      guard seen.count < Self.mostSeen, !open.contains(queue[next]) else { return false }
      for case .object(let holder) in links[Int(queue[next])].map(\.holder) where seen.insert(holder).inserted {
        queue.append(holder)
      }
      next += 1
    }
    return true
  }

  /// The most steps of a way, and the most objects that are looked at for one.
  private static let (longest, mostSeen) = (10, 1 << 12)

  /// The best way from an object to an end: by the kind of the end, and of one kind the shortest.
  func way(from start: Node) -> (end: End, steps: [String])? {
    var queue: [(node: Node, steps: [String])] = [(start, [])]
    var seen: Set<Node> = [start]
    var best: (end: End, steps: [String])?
    var next = 0
    while next < queue.count {
      let (node, steps) = queue[next]
      next += 1
      for link in links[Int(node)] {
        let further = steps + (link.step.map { [$0] } ?? [])
        switch link.holder {
        case .end(let end):
          // What leads back to itself is not held by that.
          if end.object == objects[Int(start)].address { continue }
          if best.map({ end.rank < $0.end.rank }) ?? true { best = (end, further) }
        case .object(let holder):
          guard further.count < Self.longest, seen.count < Self.mostSeen, seen.insert(holder).inserted else { continue }
          queue.append((holder, further))
        }
      }
      if let best, best.end.rank == 0 { return best }
    }
    return best
  }
}

extension PythonReferrers.End {
  /// The place in the order of evidence; a module and a class are equally good, and so are calls that go on.
  fileprivate var rank: Int {
    switch kind {
    case .module, .type, .globals, .registry, .global, .function: 0
    case .threadLocal, .coroutine, .generator: 1
    case .frame: isSure ? 2 : 3
    case .stack: 4
    case .variable: 5
    case .memory: 6
    }
  }
}
