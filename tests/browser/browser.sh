#!/usr/bin/env bash
# The reports of runs, of a comparison and of a sweep, opened in headless Chromium and held against the result files.
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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$shots"

run() { # NAME SCENARIO ARGUMENTS...
  local name=$1 scenario=$2
  shift 2
  "$lair" run "$scenario" --out "$work/$name" "$@" > "$work/$name.txt" 2>&1 || { cat "$work/$name.txt"; exit 1; }
}
run run scenarios/quickstart.toml
run still scenarios/quickstart.toml --policy none --set intervals=20
run stress scenarios/stress/all-faults.toml --policy overload-migration --set intervals=40
run summary scenarios/quickstart.toml --set record.level=summary
"$lair" platform --leis 64 --hosts-per-lei 4 --out "$work/large.toml" > "$work/platform.txt"
run large scenarios/quickstart.toml --set platform="$work/large.toml" --set intervals=30 --set workload.rate=64 --set faults.rate=8
"$lair" compare scenarios/quickstart.toml --policies none,overload-migration --seeds 1..5 --set intervals=40 \
  -j 2 --out "$work/comparison" > "$work/comparison.txt" 2>&1 || { cat "$work/comparison.txt"; exit 1; }
# 100 runs with their tasks: the size that docs/performance.md names.
cat > "$work/sweep.toml" <<'TOML'
platform = "pi-config2"
workload = "aiotbench"
intervals = 20
[sweep]
seeds = "1..5"
policies = ["none", "overload-migration"]
[sweep.axes]
faults.rate = [0, 0.5, 1, 2, 4]
"overload-migration:cooldown" = [1, 3, 5]
TOML
"$lair" sweep "$work/sweep.toml" -j 2 --out "$work/sweep" > "$work/sweep.txt" 2>&1 || { cat "$work/sweep.txt"; exit 1; }

reports=()
for name in run still stress summary large comparison sweep; do
  began=$(date +%s%N)
  "$lair" report "$work/$name" --out "$work/$name.html" > "$work/report.txt" 2>&1 || { cat "$work/report.txt"; exit 1; }
  ms=$((($(date +%s%N) - began) / 1000000)) bytes=$(stat -c %s "$work/$name.html")
  echo "$name: report in $ms ms, $bytes bytes"
  limit_ms=${LAIR_REPORT_MS:-2000} limit_bytes=5000000
  [ "$name" != sweep ] || limit_ms=${LAIR_REPORT_MS:-3000} limit_bytes=3000000
  [ "$bytes" -le "$limit_bytes" ] || { echo "FAILED  $name: the report is larger than $limit_bytes bytes"; exit 1; }
  [ "$ms" -le "$limit_ms" ] || { echo "FAILED  $name: the report took more than $limit_ms ms"; exit 1; }
  reports+=("$name=$work/$name.html:$work/$name")
done
node "$here/test.mjs" "$chromium" "$shots" "${reports[@]}"
