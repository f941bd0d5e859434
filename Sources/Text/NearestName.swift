/// The name somebody who typed something else probably meant.
///
/// - Parameters:
///   - name: what was typed.
///   - names: what could have been meant; the first of equally near ones is taken.
/// - Returns: nil when nothing is near: a third of a name's letters may be wrong, one in a short
///   name. Upper and lower case count as the same.
package func nearestName(to name: String, among names: [String]) -> String? {
  let typed = Array(name.lowercased().unicodeScalars)
  var nearest: (name: String, distance: Int)?
  for candidate in names {
    let letters = Array(candidate.lowercased().unicodeScalars)
    let allowed = max(1, letters.count / 3)
    // Also keeps a name of a megabyte from being compared letter by letter.
    if abs(letters.count - typed.count) > allowed { continue }
    let distance = editDistance(typed, letters)
    // With every letter replaced, nothing of the name is left to recognise.
    if distance > allowed || distance >= letters.count { continue }
    if distance < nearest?.distance ?? .max { nearest = (candidate, distance) }
  }
  return nearest?.name
}

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn
/// one text into the other (optimal string alignment).
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
