/// Returns the known name that is most similar to a mistyped one, ignoring case.
///
/// - Parameters:
///   - name: the name that was typed.
///   - names: the known names. Of several equally similar ones, the first is returned.
/// - Returns: nil when no name is similar enough. A third of a name's letters may differ, and one
///   letter of a name of three.
package func nearestName(to name: String, among names: [String]) -> String? {
  let typed = Array(name.lowercased().unicodeScalars)
  var nearest: (name: String, distance: Int)?
  for candidate in names {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let allowed = letters.count < 3 ? 0 : max(1, letters.count / 3)
    // This also prevents a letter-by-letter comparison with a name of a megabyte.
    if abs(letters.count - typed.count) > allowed { continue }
    let distance = editDistance(typed, letters)
    if distance > allowed { continue }
    if distance < nearest?.distance ?? .max { nearest = (candidate, distance) }
  }
  return nearest?.name
}

/// Returns how many letters must be inserted, removed, replaced or swapped with their neighbor to
/// turn one text into the other (optimal string alignment).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for (i, letter) in left.enumerated() {
    var row = [i + 1]
    for (j, other) in right.enumerated() {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (letter == other ? 0 : 1))
      if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[right.count]
}
