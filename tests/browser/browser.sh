#!/usr/bin/env bash
# The reports of runs and of a comparison, opened in headless Chromium and held against the result files.
#   browser.sh LAIR FOLDER_FOR_SCREENSHOTS
# Ends with 77 where there is no browser, no node or no playwright-core (scripts/install-packages --test
# and scripts/install-web --test install them).
set -euo pipefail
lair=$1 shots=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() { echo "skipped: $1 (scripts/install-packages --test and scripts/install-web --test install it)"; exit 77; }
chromium=$(command -v chromium || command -v chromium-browser || true)
[ -n "$chromium" ] || skip "there is no chromium here"
command -v node > /dev/null || skip "there is no node here"
[ -e "$here/node_modules/playwright-core" ] && [ -e "$here/node_modules/axe-core" ] ||
  skip "playwright-core and axe-core are not in tests/browser/node_modules"

work=$(mktemp -d "${TMPDIR:-/tmp}/lair-browser-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$shots"

run() { # NAME SCENARIO ARGUMENTS...
  local name=$1 scenario=$2
  shift 2
  "$lair" run "$scenario" --out "$work/$name" "$@" > "$work/$name.txt" 2>&1 || { cat "$work/$name.txt"; exit 1; }
}
run run scenarios/quickstart.toml
run still scenarios/quickstart.toml --policy none --set intervals=20
run summary scenarios/quickstart.toml --set record.level=summary
"$lair" platform --leis 64 --hosts-per-lei 4 --out "$work/large.toml" > "$work/platform.txt"
run large scenarios/quickstart.toml --set platform="$work/large.toml" --set intervals=30 --set workload.rate=64 --set faults.rate=8
"$lair" compare scenarios/quickstart.toml --policies none,overload-migration --seeds 1..5 --set intervals=40 \
  -j 2 --out "$work/comparison" > "$work/comparison.txt" 2>&1 || { cat "$work/comparison.txt"; exit 1; }

reports=()
for name in run still summary large comparison; do
  began=$(date +%s%N)
  "$lair" report "$work/$name" --out "$work/$name.html" > "$work/report.txt" 2>&1 || { cat "$work/report.txt"; exit 1; }
  ms=$((($(date +%s%N) - began) / 1000000)) bytes=$(stat -c %s "$work/$name.html")
  echo "$name: report in $ms ms, $bytes bytes"
  [ "$bytes" -le 5000000 ] || { echo "FAILED  $name: the report is larger than 5 MB"; exit 1; }
  [ "$ms" -le $((${LAIR_REPORT_MS:-2000})) ] || { echo "FAILED  $name: the report took more than 2 s"; exit 1; }
  reports+=("$name=$work/$name.html:$work/$name")
done
node "$here/test.mjs" "$chromium" "$shots" "${reports[@]}"
