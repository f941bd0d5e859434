#!/bin/sh
# Switches to an instance by hand, as the store's owner: start, wait, rename the link, drain, stop.
#
#   switch_by_hand.sh NEW [OLD [DRAIN_SECONDS]]
#
# It prints the seconds until the old instance had no connection, and until it had stopped.
set -eu

new=$1 old=${2:-} drain=${3:-15}
run=/run/diting
seconds() { cut -d' ' -f1 /proc/uptime; }

systemctl --no-ask-password start "diting@$new.service"
until [ "$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 2 \
  --unix-socket "$run/$new/http.sock" http://localhost/health)" = 200 ]; do
  sleep 0.05
done
ln -s "$new/http.sock" "$run/.live.sock.$$"
mv -T "$run/.live.sock.$$" "$run/live.sock"
if [ -z "$old" ]; then exit; fi

# Accepted connections, and those in the queue, have the path of the socket; the flag is the listener's.
connections() {
  awk -v path="$run/$old/http.sock" '$8 == path && $4 != "00010000" { n++ } END { print n + 0 }' \
    /proc/net/unix
}
switched=$(seconds)
tries=$((drain * 10))
while [ "$(connections)" != 0 ] && [ "$tries" -gt 0 ]; do
  sleep 0.1
  tries=$((tries - 1))
done
left=$(connections)
drained=$(seconds)
systemctl --no-ask-password stop "diting@$old.service"
echo "$switched $drained $(seconds) $left" | awk '{ print $2 - $1, $3 - $2, $4 }'
