#!/bin/sh
# Stands in for systemd: one service, started from what `current` leads to, in a session of its own.
# usage: service.sh STORE PORT start|stop|restart
set -eu

store=$1 port=$2 verb=$3
state=$store.service
mkdir -p "$state"
# As systemd does with its jobs: one at a time, also when whoever asked was killed meanwhile.
exec 9>"$state/lock"
flock 9

runs() {
  pgrep -r D,R,S -g "$1" >/dev/null
}

stop() {
  [ -s "$state/pid" ] || return 0
  session=$(cat "$state/pid")
  kill -TERM "-$session" 2>/dev/null || true
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    runs "$session" || break
    sleep 0.1
  done
  kill -KILL "-$session" 2>/dev/null || true
  rm -f "$state/pid"
}

start() {
  tree=$(readlink -e "$store/current")
  cd "$tree"
  PYTHONDONTWRITEBYTECODE=1 PORT=$port setsid .venv/bin/uvicorn \
    src.diting.endpoints.wechat.webhook_app:app --host 127.0.0.1 --port "$port" \
    --lifespan off --timeout-graceful-shutdown 1 \
    >"$state/$(basename "$tree").log" 2>&1 </dev/null 9>&- &
  echo $! >"$state/pid"
}

case $verb in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  *) exit 2 ;;
esac
