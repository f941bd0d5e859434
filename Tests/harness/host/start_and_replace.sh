#!/bin/sh
# Starts the version in the working directory, waits until it listens, and ends the one before it.
#
#   start_and_replace.sh SOCKETS
set -eu

sockets=$1
setsid /usr/bin/python3 tiny_app.py "$sockets/$RELEASES_ID" >"$sockets/log" 2>&1 </dev/null &
started=$!
until [ -S "$sockets/$RELEASES_ID" ]; do
  kill -0 "$started"
  sleep 0.01
done
old=$(cat "$sockets/pid" 2>/dev/null || true)
echo "$started" >"$sockets/pid"
[ -z "$old" ] || kill -TERM "$old"
