package import FoundationEssentials

/// The JSON of the store's files: one line, sorted keys, times in RFC 3339 UTC.
package enum StoreJSON {
  /// Makes an encoder for the store's files.
  package static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.rfc3339)
    }
    return encoder
  }

  /// Makes a decoder for the store's files.
  package static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      guard let date = Date(rfc3339: try container.decode(String.self)) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not RFC 3339, UTC")
      }
      return date
    }
    return decoder
  }
}
