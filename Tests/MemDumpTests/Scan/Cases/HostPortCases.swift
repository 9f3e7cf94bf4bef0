import ScanReferences

@testable import MemDump

extension PatternCases {
  private static let label63 = String(repeating: "a", count: 63)
  /// 253 bytes, the most there may be.
  private static let name253 = "\(label63).\(label63).\(label63).\(String(repeating: "b", count: 61))"

  static let hostPort = PatternCases(
    HostPort(), HostPortReference(),
    [
      ("db.example.org:5432", "db.example.org:5432"),
      ("localhost:80", "localhost:80"),
      ("a.b:1", "a.b:1"),
      ("A.B:1", "A.B:1"),
      ("xn--bcher-kva.example:443", "xn--bcher-kva.example:443"),
      ("_sip._tcp.example.org:5060", "_sip._tcp.example.org:5060"),
      ("file.c:12", "file.c:12"),
      ("10.example:80", "10.example:80"),
      ("1.2.3.4x:80", "1.2.3.4x:80"),
      ("host-1.example.org:65535", "host-1.example.org:65535"),
      ("http://db.example.org:80/", "db.example.org:80"),
      ("user@db.example.org:80", "db.example.org:80"),
      // Without a dot it must be localhost.
      ("db:5432", ""),
      ("localhos:80", ""),
      ("localhost1:80", ""),
      ("xlocalhost:80", ""),
      ("LOCALHOST:80", ""),
      ("Localhost:80", ""),
      ("_localhost:80", ""),
      ("-localhost:80", ""),
      // The last label has a letter.
      ("1.2.3.4:80", ""),
      ("db.1:80", ""),
      ("db.example.1:80", ""),
      ("db.1a:80", "db.1a:80"),
      ("db._:80", ""),
      ("db.a_:80", "db.a_:80"),
      // Labels.
      ("-a.b:80", ""),
      ("a-.b:80", ""),
      ("a.-b:80", ""),
      ("a.b-:80", ""),
      ("a-b.c-d:80", "a-b.c-d:80"),
      (".a.b:80", ""),
      ("a..b:80", ""),
      ("a.b.:80", ""),
      ("a.b..:80", ""),
      (".:80", ""),
      ("-:80", ""),
      (":80", ""),
      ("", ""),
      (":", ""),
      // Lengths.
      ("\(label63).b:80", "\(label63).b:80"),
      ("\(label63)a.b:80", ""),
      ("b.\(label63):80", "b.\(label63):80"),
      ("b.\(label63)a:80", ""),
      ("\(name253):65535", "\(name253):65535"),
      ("\(name253)b:80", ""),
      ("x\(name253):80", ""),
      ("/\(name253):80", "\(name253):80"),
      (String(repeating: "a.", count: 126) + "a:80", String(repeating: "a.", count: 126) + "a:80"),
      (String(repeating: "a.", count: 127) + "a:80", ""),
      // What stands before the name.
      ("\u{e4}a.b:80", "a.b:80"),
      ("+a.b:80", "a.b:80"),
      ("\u{0}a.b:80", "a.b:80"),
      ("a b.c:80", "b.c:80"),
      ("a/b.c:80", "b.c:80"),
      ("a.b\u{0}:80", ""),
      ("a.b :80", ""),
      ("a.b\u{ba}80", ""),
      // Ports, by the rule of `ipv4-port`.
      ("a.b:0", ""),
      ("a.b:080", ""),
      ("a.b:65536", ""),
      ("a.b:123456", ""),
      ("a.b:x", ""),
      ("a.b:", ""),
      ("a.b:80.", "a.b:80"),
      ("a.b:80.x", "a.b:80"),
      ("a.b:80.5", ""),
      ("a.b:80x", "a.b:80"),
      ("a.b:80/", "a.b:80"),
      ("a.b:80\u{b5}", "a.b:80"),
      // A name right behind the colon of another.
      ("a.b:1.c:2", "a.b:1"),
      ("a.b:1.c:2.d:3", "a.b:1"),
      ("a.b:80:c.d:90", "a.b:80 c.d:90"),
      ("a.b:0.c:2", "0.c:2"),
      (":1.c:2", "1.c:2"),
      ("db:1.c:2", "1.c:2"),
      ("a.b:80,c.d:90", "a.b:80 c.d:90"),
      ("\(name253):1.\(name253.dropFirst(2)):2", "\(name253):1"),
      ("b\(name253):1.\(name253.dropFirst(2)):2", "1.\(name253.dropFirst(2)):2"),
      ("\(name253):1.b\(name253.dropFirst(2)):2", "\(name253):1"),
      ("a.b::80", ""),
      // Times of day.
      ("2024.01.01T12:34:56", ""),
      ("x.T12:34:56", ""),
      ("x.T12:34:567", ""),
      ("x.T12:34:5", "x.T12:34"),
      ("x.T12:34", "x.T12:34"),
      ("x.T12:34.56", ""),
      ("x.T112:34:56", "x.T112:34"),
      ("x.T2:34:56", "x.T2:34"),
      ("x.T12:345:67", "x.T12:345"),
      ("x.T12:3:45", "x.T12:3"),
      ("x.T12:34:x6", "x.T12:34"),
      ("localhost:34:56", "localhost:34"),
    ])

  static let hostPortWords = PatternCases(
    HostPort(wantsWholeWord: true), HostPortReference(wantsWholeWord: true),
    [
      ("a.b:80", "a.b:80"),
      ("a.b:80x", ""),
      ("a.b:80Z", ""),
      ("a.b:80_", ""),
      ("a.b:80-", "a.b:80"),
      ("a.b:80.x", "a.b:80"),
      ("a.b:80\u{e1}", "a.b:80"),
      // The first is none, so the second is one.
      ("a.b:1x.c:2", "1x.c:2"),
    ])
}
