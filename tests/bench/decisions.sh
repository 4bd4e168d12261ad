#!/usr/bin/env bash
# What decisions cost, for docs/performance.md: tests/bench/decisions.sh [LAIR] [POLICY...]. CPU ms of all brokers
# together in one interval, as `overhead.mode = "measured"` records them: sensing and deciding of 100 intervals of the
# DRAGON paper's three configurations (16 hosts, medium load, seed 1), and learning beside them. A row: policy,
# configuration, mean, median and slowest interval, learning (mean). Without names: all policies that come with Lair.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lair=${1:-build/release/lair}
shift || true
[ $# -gt 0 ] || mapfile -t names < <("$lair" list policies --json | sed -n 's/.*"name": "\([^"]*\)".*/\1/p')
[ $# -eq 0 ] || names=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '| policy | configuration | mean | median | slowest | learning |\n|---|--:|--:|--:|--:|--:|\n'
for name in "${names[@]}"; do
  for configuration in 1 2 3; do
    "$lair" run "scenarios/dragon/config$configuration.toml" --policy "$name" --set overhead.mode=measured \
      --set record.level=summary --out "$work/run" --force > /dev/null
    # A decision belongs to the interval that has just ended; it may come seconds after that.
    awk -F, -v name="$name" -v configuration=$configuration 'NR > 1 {
        decide[int($1 / 300)] += $5 + $6; all += $5 + $6; learn += $4
      }
      END {
        for (i = 0; i < 100; i++) { # by insertion
          x = decide[i] + 0
          for (j = i; j > 0 && order[j - 1] > x; j--) order[j] = order[j - 1]
          order[j] = x
        }
        printf "| `%s` | %d | %.2f | %.2f | %.1f | %.1f |\n", name, configuration, 10 * all,
          500 * (order[49] + order[50]), 1000 * order[99], 10 * learn
      }' "$work/run/overhead.csv"
  done
done
