internal import Glibc
internal import Synchronization

/// A queue between threads that holds a limited number of values.
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

  /// Waits while the queue is full, then adds a value. Returns false when the queue was closed; the
  /// value is then dropped.
  package func push(_ element: sending Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.count >= capacity, !isClosed { pthread_cond_wait(changed, mutex) }
    if isClosed { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Adds a value without waiting. Returns false when the queue is full or was closed; the value is
  /// then dropped.
  package func offer(_ element: sending Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if elements.count >= capacity || isClosed { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Waits for a value and removes it. Returns nil when the queue was closed and is empty.
  package func pop() -> Element? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty, !isClosed { pthread_cond_wait(changed, mutex) }
    if elements.isEmpty { return nil }
    pthread_cond_broadcast(changed)
    return elements.removeFirst()
  }

  /// Closes the queue: no more values can be added. Those in it can still be removed.
  package func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}

/// A place for one value that one thread stores and another one reads. Later values are ignored.
package final class Mailbox<Value: Sendable>: Sendable {
  /// What the compiler makes of a generic Mutex depends on the state of its cache, so the same source
  /// would not always yield the same program. This lock has no generic content.
  private let lock = Mutex(())
  private nonisolated(unsafe) var content: Value?

  package init() {}

  /// The value; nil until one has been stored.
  package var value: Value? { lock.withLock { _ in content } }

  /// Stores a value unless there is one.
  package func put(_ value: Value) { lock.withLock { _ in content = content ?? value } }
}
