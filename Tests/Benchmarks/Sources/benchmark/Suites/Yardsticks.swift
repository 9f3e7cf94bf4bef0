import Foundation

/// The least work that could be done, as contenders.
extension Workspace {
  /// A run of the yardstick, timed by itself.
  func yardstick(_ name: String, _ arguments: [String]) -> Contender {
    Contender(name, [yardstick] + arguments, output: .counted) { child in
      let numbers = child.lastOutput.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
      guard child.exitStatus == 0, numbers.count == 3 else { throw child.failure }
      var measurement = Measurement(child, result: name == "memchr" ? "\(numbers[2]) colons" : sizeText(numbers[0]))
      measurement.nanoseconds = numbers[1]
      return measurement
    }
  }

  /// The bare process_vm_readv of a region.
  func readv(_ fixture: Fixture, _ region: Fixture.Region) -> Contender {
    yardstick("readv", ["readv", "\(fixture.id)", region.startText, region.sizeText])
  }

  /// The bare writing of as many bytes as a region has into a new file.
  func write(_ name: String, _ region: Fixture.Region, file: String) -> Contender {
    var contender = yardstick(name, ["write", file, region.sizeText])
    contender.prepare = {
      unlink(file)
      sync()
    }
    let measure = contender.measure
    contender.measure = { child in
      defer { unlink(file) }
      return try measure(child)
    }
    return contender
  }

  /// The bare writing of as many bytes into a pipe.
  func writePipe(_ name: String, _ region: Fixture.Region) -> Contender { yardstick(name, ["pipe", region.sizeText]) }

  /// The bare process_vm_readv of a region into memory that holds all of it, with two threads.
  func copy(_ fixture: Fixture, _ region: Fixture.Region) -> Contender {
    yardstick("bare copy", ["copy", "\(fixture.id)", region.startText, region.sizeText])
  }
}
