#!/bin/sh
# Prints the Swift source of the version and its date, both from the first entry of a changelog.
#
#   version.sh CHANGELOG
set -eu

number=$(sed -n '1s/^releases (\([^)]*\)).*/\1/p' "$1")
date=$(sed -n 's/^ -- .*>  //p' "$1" | head -n 1)
: "${number:?the first line of $1 has no version}" "${date:?the first entry of $1 has no date}"
cat <<SWIFT
/// The version of the program. Made from the changelog by: make generate
enum Version {
  static let number = "$number"
  /// The date of the version, as mdoc(7) writes dates. It is a constant, so that the same source
  /// always yields the same man page.
  static let date = "$(LC_ALL=C date -u -d "$date" '+%B %-d, %Y')"
}
SWIFT
