/// The name somebody most likely meant: the only one that begins with what was typed, else the one
/// that the fewest slips of a finger lead to. Nil when none is near enough to be worth naming.
package func nearestName(to typed: String, among names: [String]) -> String? {
  let completed = names.filter { !typed.isEmpty && $0.hasPrefix(typed) }
  if completed.count == 1 { return completed[0] }
  let nearest = names.map { (name: $0, slips: slips(from: typed, to: $0)) }
    .min { $0.slips < $1.slips }
  guard let nearest, nearest.slips <= max(1, nearest.name.count / 3) else { return nil }
  return nearest.name
}

/// Letters left out, added, mistaken or swapped with their neighbour.
private func slips(from typed: String, to name: String) -> Int {
  let typed = Array(typed)
  let name = Array(name)
  var beforeLast: [Int] = []
  var last = Array(0...name.count)
  for row in typed.indices {
    var distances = [row + 1]
    for column in name.indices {
      var best = min(
        last[column] + (typed[row] == name[column] ? 0 : 1),
        last[column + 1] + 1,
        distances[column] + 1)
      let isSwap =
        row > 0 && column > 0 && typed[row] == name[column - 1] && typed[row - 1] == name[column]
      if isSwap { best = min(best, beforeLast[column - 1] + 1) }
      distances.append(best)
    }
    beforeLast = last
    last = distances
  }
  return last[name.count]
}
