extension RandomAccessCollection {
  /// The first index whose element answers yes, in a collection whose first elements all answer no and the rest all
  /// yes; `endIndex` where every element answers no.
  func partitionIndex(where belongsToRest: (Element) -> Bool) -> Index {
    var (low, count) = (startIndex, count)
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if belongsToRest(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }
}
