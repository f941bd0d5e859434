package import ReleaseModel

extension Configuration {
  /// How the service runs one instance of each release that serves; see releases.yaml(5), SERVICE.
  package struct Instances: Equatable, Sendable {
    /// How much memory must be available before a second instance starts.
    package enum Memory: Equatable, Sendable {
      /// As much as the live instance uses.
      case automatic
      case atLeast(ByteSize)
      /// The memory is not checked.
      case unchecked
    }

    package var layout: InstanceLayout
    /// The longest time that an old instance may take to finish its connections.
    package var drain = TimeSpan(seconds: 30)
    /// Whether the old instance serves until the new one is live. Otherwise the new one is rehearsed
    /// first, and the old one is stopped before the new one starts.
    package var overlap = true
    /// The template unit that is rehearsed; nil for the first one of the layout.
    package var rehearsal: String?
    package var memory = Memory.automatic

    package init(layout: InstanceLayout) { self.layout = layout }

    /// Where rehearsals run; nil if they are instances like the others, or there are none.
    package var rehearsalLayout: InstanceLayout? {
      guard let rehearsal, !layout.templates.contains(rehearsal) else { return nil }
      var other = layout
      other.templates = [rehearsal]
      return other
    }
  }

  /// Returns the configuration for instances that are elsewhere, such as those that an earlier
  /// configuration has started. A health check that asks the socket of an instance asks it there.
  ///
  /// - Parameter layout: where the instances are.
  /// - Returns: the configuration; the same if the service has no instances.
  package func placing(_ layout: InstanceLayout) -> Configuration {
    guard let configured = instances?.layout else { return self }
    var moved = self
    moved.instances?.layout = layout
    switch health?.probe {
    case .http(var probe) where probe.unixSocket == configured.healthSocket:
      probe.unixSocket = layout.healthSocket
      moved.health?.probe = .http(probe)
    case .socket(configured.healthSocket):
      moved.health?.probe = .socket(layout.healthSocket)
    default: break
    }
    return moved
  }

  /// Returns the systemd units that run a release; empty for none.
  package func units(of id: ReleaseID) -> [String] {
    guard let layout = instances?.layout else { return services }
    return layout.units(of: id) + layout.restarted
  }
}

extension Configuration {
  /// The configuration for the instance of a release that is not live yet, in which units that have no
  /// instances don't count.
  package var forCandidate: Configuration {
    var part = self
    part.instances?.layout.restarted = []
    return part
  }

  /// The configuration for a rehearsal, which only needs the unit that is rehearsed.
  package var forRehearsal: Configuration {
    var part = forCandidate
    if let template = instances?.rehearsal ?? instances?.layout.templates.first {
      part.instances?.layout.templates = [template]
    }
    return part
  }
}

extension InstanceLayout {
  /// The socket of the instance that a health check asks.
  var healthSocket: String { socket.replacing(Self.placeholder, with: HealthVariable.id) }
}
