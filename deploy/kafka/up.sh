#!/usr/bin/env bash
# Start Apache Kafka (KRaft, one process) from its Maven Central artefacts and print its address. Needs java 17 and
# mvn. Does nothing but print the address when it already runs.
#
#   KAFKA_PORT    port on 127.0.0.1 for clients (default 9092; 0: any free one); the controller takes any free port
#   KAFKA_STATE   folder for data, log and pid (default var/kafka)
#   KAFKA_LIBS    folder for the jars, 43 MB, filled once (default var/kafka-libs)
#   KAFKA_HEAP    maximum heap (default 512m)
#   KAFKA_TEMPLATE  broker settings (default server.properties.in here)
#   KAFKA_SCRAM   users made with the data, such as 'SCRAM-SHA-512=[name=me,password=secret]' (default none)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
state=${KAFKA_STATE:-$root/var/kafka}
libs=${KAFKA_LIBS:-$root/var/kafka-libs}
port=${KAFKA_PORT:-9092}
ready_s=60

say() { echo "kafka: $*" >&2; }
fail() { say "$*"; exit 1; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
running() { [[ -s $state/pid ]] && kill -0 "$(cat "$state/pid")" 2>/dev/null; }

mkdir -p "$state"
exec 9>"$state/lock"
flock 9 2>/dev/null || true   # two starts at once: the second waits, then finds it running

if running; then
  cat "$state/address"
  exit 0
fi

"$here/jars.sh" "$libs"

# A log folder belongs to the ports it was made with (the voter's address is in it).
if [[ ! -f $state/server.properties ]]; then
  [[ $port == 0 ]] && port=$(free_port)
  sed -e "s|@PORT@|$port|g" -e "s|@CONTROLLER@|$(free_port)|g" -e "s|@DATA@|$state/data|g" \
    "${KAFKA_TEMPLATE:-$here/server.properties.in}" >"$state/server.properties"
  echo "127.0.0.1:$port" >"$state/address"
  id=$(java -cp "$libs/*" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -1)
  java -cp "$libs/*" kafka.tools.StorageTool format -t "$id" -c "$state/server.properties" ${KAFKA_SCRAM:+--add-scram "$KAFKA_SCRAM"} >"$state/format.log" 2>&1 \
    || { rm -f "$state/server.properties"; fail "cannot format $state/data, see $state/format.log"; }
fi
address=$(cat "$state/address")

[[ -f $state/log4j2.properties ]] || cat >"$state/log4j2.properties" <<LOG
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1}: %m%n
LOG

# A session of its own, so that Ctrl-C in this terminal does not end it. It must not inherit the lock.
setsid nohup java "-Xmx${KAFKA_HEAP:-512m}" -Xms128m -XX:+UseSerialGC \
  -Dlog4j2.configurationFile="$state/log4j2.properties" \
  -cp "$libs/*" kafka.Kafka "$state/server.properties" >>"$state/kafka.log" 2>&1 9>&- </dev/null &
echo $! >"$state/pid"

for ((tries = 0; tries < ready_s * 5; tries++)); do
  if python3 "$here/ready.py" "${address%:*}" "${address#*:}"; then
    echo "$address"
    exit 0
  fi
  running || { tail -5 "$state/kafka.log" >&2; fail "the broker ended, see $state/kafka.log"; }
  sleep 0.2
done
fail "no answer on $address within $ready_s s, see $state/kafka.log"
