import Foundation
import Glibc

/// Writes the input of a program and reads its outputs at the same time.
struct Transfer {
  /// What was read from each output.
  private(set) var read: [[UInt8]]
  private var input: (descriptor: Int32, rest: Data)?
  private var polled: [pollfd]
  private var buffer = [UInt8](repeating: 0, count: 65536)

  /// - Parameters:
  ///   - input: the pipe to the program and the bytes for it; the transfer closes the pipe.
  ///   - outputs: the pipes from the program; the transfer closes them.
  init(input: (descriptor: Int32, bytes: Data)?, outputs: [Int32]) {
    read = outputs.map { _ in [] }
    polled = outputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard let input else { return }
    _ = fcntl(input.descriptor, F_SETFL, O_NONBLOCK)
    self.input = (input.descriptor, input.bytes)
    polled.append(pollfd(fd: input.descriptor, events: Int16(POLLOUT), revents: 0))
  }

  /// Transfers until the program has closed its outputs.
  ///
  /// - Returns: false when the time was not enough.
  mutating func finish(by deadline: ContinuousClock.Instant) -> Bool {
    let before = blockBrokenPipe()
    defer { restoreSignals(before) }
    while polled.prefix(read.count).contains(where: { $0.fd >= 0 }) {
      let left = ContinuousClock.now.duration(to: deadline)
      guard left > .zero else { return end(false) }
      poll(&polled, nfds_t(polled.count), Int32(left.components.seconds + 1) * 1000)
      for index in read.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
        receive(index)
      }
      if input != nil, polled[read.count].revents != 0 { sendInput() }
    }
    return end(true)
  }

  private mutating func receive(_ index: Int) {
    let count = Glibc.read(polled[index].fd, &buffer, buffer.count)
    if count > 0 {
      read[index] += buffer[..<count]
    } else if count == 0 || errno != EINTR {
      close(polled[index].fd)
      polled[index].fd = -1
    }
  }

  private mutating func sendInput() {
    guard let (descriptor, rest) = input else { return }
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    // A program may end before it has read all of its input.
    let left = count < 0 ? Data() : rest.dropFirst(count)
    input = left.isEmpty ? nil : (descriptor, left)
    if left.isEmpty {
      close(descriptor)
      polled[self.read.count].fd = -1
    }
  }

  private mutating func end(_ isComplete: Bool) -> Bool {
    for index in polled.indices where polled[index].fd >= 0 {
      close(polled[index].fd)
      polled[index].fd = -1
    }
    return isComplete
  }

  /// Blocks SIGPIPE on this thread, which a program that does not read its input would cause.
  private func blockBrokenPipe() -> sigset_t {
    var (set, before) = (sigset_t(), sigset_t())
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &set, &before)
    return before
  }

  private func restoreSignals(_ before: sigset_t) {
    var (set, none, before) = (sigset_t(), timespec(), before)
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    while sigtimedwait(&set, nil, &none) > 0 {}
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }
}
