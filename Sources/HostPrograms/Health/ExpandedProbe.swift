internal import Configuration
internal import ReleaseModel
internal import Text

/// A request for one release: the variables in its texts are replaced.
struct ExpandedProbe {
  let probe: Configuration.HTTPProbe
  /// Whether only a response from the release itself can meet the conditions.
  let namesRelease: Bool
  /// Why a condition was left out; nil when none was.
  let gap: Message?

  /// Replaces `${RELEASES_ID}` and `${RELEASES_REF}`. A condition that needs the ref of a release
  /// without one is left out.
  init(_ configured: Configuration.HTTPProbe, for subject: HealthSubject) {
    var probe = configured
    var namesRelease = false
    var isIncomplete = false
    func expanded(_ text: String) -> String? {
      let usesRef = text.contains(HealthVariable.ref)
      if usesRef, subject.ref == nil {
        isIncomplete = true
        return nil
      }
      if usesRef || text.contains(HealthVariable.id) { namesRelease = true }
      return text.replacing(HealthVariable.id, with: subject.name)
        .replacing(HealthVariable.ref, with: subject.ref ?? "")
    }
    probe.url = probe.url.replacing(HealthVariable.id, with: subject.name)
    probe.unixSocket = probe.unixSocket?.replacing(HealthVariable.id, with: subject.name)
    probe.body = probe.body.flatMap(expanded)
    for (name, value) in probe.json {
      guard case .text(let text) = value else { continue }
      probe.json[name] = expanded(text).map(JSONScalar.text)
    }
    self.probe = probe
    self.namesRelease = namesRelease
    gap = isIncomplete ? "release \(subject.id) has no ref to compare the response with" : nil
  }
}
