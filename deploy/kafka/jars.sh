#!/usr/bin/env bash
# Fetch Apache Kafka's jars from Maven Central (once, 43 MB) into the folder named, unless they are there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=$1

for tool in java mvn python3; do
  command -v "$tool" >/dev/null || {
    echo "kafka: $tool is not installed; Apache Kafka needs java 17 or newer and mvn. With Docker: docker compose -f deploy/compose.yaml up kafka" >&2
    exit 1
  }
done
[[ -f $libs/.complete ]] && exit 0
echo "kafka: fetching the jars (once, 43 MB)" >&2
mkdir -p "$libs"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" -DincludeScope=runtime >&2 || {
  echo "kafka: mvn could not fetch Apache Kafka" >&2
  exit 1
}
touch "$libs/.complete"
