#!/usr/bin/env bash
# Stop the broker that up.sh started; does nothing when none runs. Data stay unless --delete is given.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state=${KAFKA_STATE:-$root/var/kafka}
grace_s=20

if [[ -s $state/pid ]]; then
  pid=$(cat "$state/pid")
  kill "$pid" 2>/dev/null || true
  for ((tries = 0; tries < grace_s * 5; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$state/pid"
  echo "kafka: stopped" >&2
fi
if [[ ${1:-} == --delete ]]; then
  rm -rf "$state"
fi
