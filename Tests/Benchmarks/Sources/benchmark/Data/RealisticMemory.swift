import Foundation

/// Memory of real programs that were given something to hold.
enum RealisticMemory {
  struct Collection {
    var bytes: [UInt8] = []
    var parts: [String] = []
    var summary: String { parts.joined(separator: ", ") }

    mutating func add(_ name: String, _ process: Companion, limit: Int) throws {
      let memory = try ProcessMemory.ownWriting(of: process.id, limit: limit)
      bytes += memory
      parts.append("\(name) (\(sizeText(UInt64(memory.count))))")
    }
  }

  /// Takes the memory of those programs that are installed.
  static func collect(_ workspace: Workspace) throws -> Collection {
    var collection = Collection()
    if Tool.python.isInstalled {
      let python = try Companion(["python3", "-c", pythonProgram])
      _ = try python.line()
      try collection.add("python3", python, limit: 96 << 20)
    }
    if Tool.nginx.isInstalled { try addNginx(workspace, to: &collection) }
    if Tool.redis.isInstalled { try addRedis(workspace, to: &collection) }
    return collection
  }

  private static let pythonProgram = """
    import sys
    sessions = {}
    for i in range(60000):
        session = {'user': 'user%d' % i, 'score': i * 1.5, 'tags': ['tag%d' % (i % 97), 'tag%d' % (i % 89)],
            'time': '2026-%02d-%02dT%02d:%02d:%02d' % (i % 12 + 1, i % 28 + 1, i % 24, i % 60, i % 59),
            'url': 'https://api.example.com/v1/items/%d?page=%d' % (i, i % 7)}
        if i % 100 == 0: session['peer'] = '10.%d.%d.%d:%d' % (i % 3, i % 200, i % 250, 1024 + i % 60000)
        if i % 50 == 0: session['log'] = '10.1.2.%d - - [02/Jan/2026:12:34:56] "GET / HTTP/1.1" 200' % (i % 250)
        sessions['session:%08x' % (i * 2654435761 % 2**32)] = session
    print('ready', flush=True)
    sys.stdin.read()
    """

  private static func addNginx(_ workspace: Workspace, to collection: inout Collection) throws {
    var upstreams = ""
    for upstream in 0..<20 {
      let servers = (1...50).map { "server 10.3.\(upstream).\($0):\(8000 + upstream);" }
      upstreams += "upstream service\(upstream) { \(servers.joined(separator: " ")) }\n"
    }
    let socket = "\(workspace.directory)/nginx.socket"
    let configuration = """
      daemon off; master_process off; pid \(workspace.directory)/nginx.pid; error_log /dev/null;
      events { }
      http { access_log off; \(upstreams) server { listen unix:\(socket); } }
      """
    let path = "\(workspace.directory)/nginx.conf"
    try configuration.write(toFile: path, atomically: false, encoding: .utf8)
    let nginx = try Companion(["nginx", "-e", "/dev/null", "-p", workspace.directory, "-c", path])
    try wait(for: socket)
    try collection.add("nginx", nginx, limit: 32 << 20)
  }

  private static func addRedis(_ workspace: Workspace, to collection: inout Collection) throws {
    let socket = "\(workspace.directory)/redis.socket"
    let redis = try Companion([
      "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no",
      "--dir", workspace.directory,
    ])
    try wait(for: socket)
    let commands = (0..<50_000).map {
      "SET client:\($0 % 50 == 0 ? "10.4.\($0 >> 8).\($0 & 255):\(1024 + $0)" : "\($0)") {\"id\":\($0),\"a\":\"b\"}\n"
    }
    let path = "\(workspace.directory)/redis.commands"
    try commands.joined().write(toFile: path, atomically: false, encoding: .utf8)
    _ = try workspace.run(["sh", "-c", "redis-cli -s '\(socket)' <'\(path)'"], output: .counted, timeout: 60)
    try collection.add("redis", redis, limit: 32 << 20)
  }

  private static func wait(for path: String) throws {
    for _ in 0..<500 {
      if access(path, F_OK) == 0 { return }
      usleep(10_000)
    }
    throw Failure("\(path) did not appear within 5 s")
  }
}
