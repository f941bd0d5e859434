internal import Linux

extension Check {
  /// Which walls this kernel can put around an unpacker.
  func containment(_ store: Store) throws(ReleasesError) -> [Finding] {
    let available = Containment.available
    let missing = Containment.Layer.allCases.filter { !available.contains($0) }
    let subject = "containment"
    guard missing.isEmpty else {
      return [
        finding(
          subject, .warning,
          "archives are unpacked without \(missing.map(\.rawValue).joined(separator: " and "))",
          hint: "a newer kernel has it (Landlock: 5.13, with lsm=landlock); take archives only"
            + " from those you trust")
      ]
    }
    let names = available.map(\.rawValue).joined(separator: ", ")
    return [finding(subject, .ok, "archives are unpacked behind \(names)")]
  }
}
