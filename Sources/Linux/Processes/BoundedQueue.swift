internal import Glibc
internal import Synchronization

/// Hands values from one thread to another, no more than so many at a time.
package final class BoundedQueue<Element>: @unchecked Sendable {
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init(capacity: Int) {
    self.capacity = capacity
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  /// Waits for room; false when the queue was closed and the value goes nowhere.
  package func push(_ element: sending Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.count >= capacity, !isClosed { pthread_cond_wait(changed, mutex) }
    if isClosed { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Does not wait for room; false when there is none, or the queue was closed.
  package func offer(_ element: sending Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if elements.count >= capacity || isClosed { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Waits for a value; nil when the queue was closed and is empty.
  package func pop() -> Element? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty, !isClosed { pthread_cond_wait(changed, mutex) }
    if elements.isEmpty { return nil }
    pthread_cond_broadcast(changed)
    return elements.removeFirst()
  }

  /// Nothing more goes in; what is in can still be taken out.
  package func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}

/// One value, left by one thread for another to find; the first counts.
package final class Mailbox<Value: Sendable>: Sendable {
  private let content = Mutex<Value?>(nil)

  package init() {}

  package var value: Value? { content.withLock { $0 } }

  package func put(_ value: Value) { content.withLock { $0 = $0 ?? value } }
}
