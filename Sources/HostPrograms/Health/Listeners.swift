internal import Linux
internal import ReleaseModel
internal import Text

/// The processes that listen at the address of a health check.
struct Listeners {
  private(set) var processes: [ReleaseProcess] = []
  /// What could not be found out, one line each.
  private(set) var gaps: [Message] = []

  /// Looks the processes up, as far as this user may see them.
  ///
  /// - Parameters:
  ///   - address: the address.
  ///   - releases: the directory of the releases.
  ///   - stop: the search ends when it returns true.
  init(
    at address: HealthAddress, in releases: borrowing Descriptor, stop: () -> Bool = { false }
  ) {
    do throws(SystemError) {
      let sockets = try Self.sockets(address)
      if sockets.isEmpty {
        gaps = ["no process on this host listens at \(address)"]
        return
      }
      let holders = try ListeningSockets.holders(of: sockets, stop: stop)
      if holders.isEmpty { gaps = [Self.gap(address, sockets)] }
      let finder = try ReleaseFinder(releases)
      for pid in holders { add(pid, address, finder, releases) }
    } catch {
      gaps.append("can't find out which process listens at \(address): \(error)")
    }
  }

  private mutating func add(
    _ pid: Int32, _ address: HealthAddress, _ finder: ReleaseFinder,
    _ releases: borrowing Descriptor
  ) {
    let name = ProcessFacts.name(of: pid).map { " (\($0))" } ?? ""
    let process = "process \(pid)\(name), which listens at \(address),"
    do throws(SystemError) {
      let place = try finder.place(of: pid, in: releases)
      processes.append(place.process)
      if place.release == nil { gaps.append("\(process) runs in no release") }
    } catch {
      gaps.append("\(process) can't be inspected")
    }
  }

  private static func sockets(
    _ address: HealthAddress
  ) throws(SystemError) -> Set<ListeningSockets.Socket> {
    switch address {
    case .unix(let path): return try ListeningSockets.unix(path)
    case .tcp(let addresses, let port, _):
      var sockets: Set<ListeningSockets.Socket> = []
      for one in addresses { sockets.formUnion(try ListeningSockets.tcp(one, port: port)) }
      return sockets
    }
  }

  /// Says why none of the processes that hold a socket is visible.
  private static func gap(
    _ address: HealthAddress, _ sockets: Set<ListeningSockets.Socket>
  ) -> Message {
    let user = sockets.lazy.compactMap(\.user).first { $0 != ProcessFacts.effectiveUser }
    return user.map { "the process that listens at \(address) belongs to user \($0)" }
      ?? "the process that listens at \(address) is not visible"
  }
}
