import Glibc

/// Programs of Python that tests look at.
public enum PythonProgram {
  /// The names under which Pythons are looked for. Tests/run.sh installs the first one.
  public static let names = ["python3", "python2.7"] + (6...13).map { "python3.\($0)" }

  /// Those that are there and run.
  public static let installed = names.filter { name in
    guard has(name), let child = try? Child(name, ["-c", "print('ready')"]) else { return false }
    return (try? child.readLine()) == "ready"
  }

  /// Starts a script that prints `ready` once it is; with the lines that it prints before.
  public static func start(_ script: String, _ name: String = "python3") throws -> (child: Child, lines: [String]) {
    let child = try Child(name, ["-u", "-c", script])
    var lines: [String] = []
    while true {
      let line = try child.readLine()
      if line == "ready" { return (child, lines) }
      lines.append(line)
    }
  }

  /// Objects of known numbers, and then what the collector and the allocator count: `type NAME COUNT` of each type whose objects
  /// the collector always knows, and the lines of `sys._debugmallocstats`.
  public static func known(count: Int) -> String {
    """
    import gc, os, sys, collections
    class Session(object):
        def __init__(self, i):
            self.ident = i; self.name = 'session-user-%d' % i; self.tags = ['a%d' % i, 'b']; self.w = i * 1.5
    class Slotted(object):
        __slots__ = ('x', 'y')
        def __init__(self, i): self.x = i + 100000; self.y = None
    class Node(object):
        registry = {}
    N = \(count)
    SESSIONS = [Session(i) for i in range(N)]
    CACHE = dict((('k', i), Slotted(i)) for i in range(N // 2))
    for i in range(N // 4): Node.registry['node%d' % i] = Node()
    BLOBS = [bytearray(1000) for i in range(N // 10)]
    SETS = [set(range(i, i + 7)) for i in range(N // 20)]
    QUEUE = collections.deque(SESSIONS)
    def truth():
        gc.collect()
        found = collections.Counter()
        for o in gc.get_objects():
            t = type(o)
            if t not in (tuple, dict, type(truth), collections.Counter):
                name = t.__name__ if '.' in t.__name__ or t.__module__ in ('builtins', '__builtin__', '__main__') else t.__module__ + '.' + t.__name__
                found[name] += 1
        return found
    truth()
    found = truth()
    for name in found: print('type %s %d' % (name, found[name]))
    print('type bytearray %d' % len(BLOBS))
    del found
    os.dup2(1, 2)
    gc.collect()
    if hasattr(sys, '_debugmallocstats'): sys._debugmallocstats()
    print('ready')
    os.read(0, 1)
    """
  }

  /// Objects that are each held in another way.
  public static func holders(count: Int) -> String {
    """
    import asyncio, functools, gc, os, threading
    for name in 'Cached OfClass OfTenant Closed Awaiting OfThread Local Generated'.split(): globals()[name] = type(name, (object,), {})
    class Listener(object):
        def heard(self): pass
    class Cycle(object):
        def __init__(self): self.me = [self]
    N = \(count)
    @functools.lru_cache(maxsize=None)
    def look_up(key): return Cached()
    for i in range(N): look_up(i)
    class Registry(object): items = [OfClass() for i in range(N)]
    STATE = {'tenants': {}}
    for i in range(N): STATE['tenants'].setdefault('tenant-%d' % (i % 50), []).append(OfTenant())
    def handler():
        seen = []
        def handle(x): seen.append(x)
        return handle
    HANDLER = handler()
    for i in range(N): HANDLER(Closed())
    class Bus(object):
        def __init__(self): self.listeners = []
    BUS = Bus()
    for i in range(N): BUS.listeners.append(Listener().heard)
    def generate():
        kept = [Generated() for _ in range(N)]
        while True: yield len(kept)
    GENERATOR = generate(); next(GENERATOR)
    gc.disable()
    for i in range(N): Cycle()
    started = threading.Event()
    def work():
        local = threading.local(); local.items = [OfThread() for _ in range(N)]
        started.set(); threading.Event().wait()
    threading.Thread(target=work, daemon=True).start()
    started.wait()
    async def job(x): await asyncio.sleep(100000)
    async def main():
        for i in range(N): asyncio.ensure_future(job(Awaiting()))
        await asyncio.sleep(0)
        def inner():
            pending = [Local() for _ in range(N)]
            print('ready')
            os.read(0, 1); return pending
        inner()
    asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
    """
  }
}
