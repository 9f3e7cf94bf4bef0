/// The same bytes, cut into regions next to each other at random places.
func pieces(
  of bytes: [UInt8], at start: UInt64, upTo longest: Int, using generator: inout SeededGenerator
) -> [UInt64: [UInt8]] {
  var pieces: [UInt64: [UInt8]] = [:]
  var place = 0
  while place < bytes.count {
    let end = min(bytes.count, place + Int.random(in: 1...longest, using: &generator))
    pieces[start + UInt64(place)] = Array(bytes[place..<end])
    place = end
  }
  return pieces
}
