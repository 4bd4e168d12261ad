#!/usr/bin/env bash
# What sweeps cost, for docs/performance.md: tests/bench/sweeps.sh [LAIR] [all]. Wall clock and CPU of 1,000 heuristic
# runs, of planning 100,000 points, of resuming a finished sweep of 10,000; with `all`, of 200 runs of `dragon` beside
# what single ones take. Needs a quiet machine; minutes.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
lair=${1:-build/release/lair}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timed() { # TITLE COMMAND...: wall, CPU and peak memory of the command and what it starts
  local title=$1
  shift
  /usr/bin/time -f "$title: %e s wall, %U + %S s CPU, %M KiB" "$@" > "$work/out" 2> "$work/time" || { cat "$work/time" "$work/out"; exit 1; }
  tail -1 "$work/time"
}
base() { # INTERVALS LEVEL
  cat << END
intervals = $1
platform = "$PWD/platforms/pi-config2.toml"
[workload]
file = "$PWD/workloads/aiotbench.toml"
rate = 4.8
[faults]
rate = 0.5
[record]
level = "$2"
[sweep]
END
}

{ base 100 summary; echo 'seeds = "1..500"'; echo 'policies = ["none", "overload-migration"]'; } > "$work/thousand.toml"
timed "1,000 runs, 16 hosts x 100 intervals" "$lair" sweep "$work/thousand.toml" --out "$work/a"
sed -i 's/level = .*/level = "events"/' "$work/thousand.toml"
timed "the same with every event and table" "$lair" sweep "$work/thousand.toml" --out "$work/b"
du -sh "$work/a" "$work/b" | sed "s|$work/||"
rm -rf "$work/a" "$work/b"

{ base 1 summary; echo 'seeds = "1..5000"'; echo 'policies = ["none", "overload-migration"]'; } > "$work/many.toml"
timed "10,000 runs of one interval" "$lair" sweep "$work/many.toml" --out "$work/c"
for _ in 1 2 3; do timed "resuming them, all done" "$lair" sweep "$work/many.toml" --out "$work/c" --resume; done
rm -rf "$work/c"

{ base 1 summary; echo 'seeds = "1..500"'; echo 'policies = ["none", "overload-migration"]'
  echo '[sweep.axes]'; echo 'faults.strength = { from = 0.1, to = 2, steps = 100 }'; } > "$work/large.toml"
for _ in 1 2 3; do timed "100,000 points planned, two runs of each policy, listed" "$lair" sweep "$work/large.toml" --dry-run --json; done

if [ "${2:-}" = all ]; then
  { base 100 summary; echo 'seeds = "1..200"'; echo 'policies = ["dragon"]'; } > "$work/dragon.toml"
  sed '/^\[sweep\]/,$d' "$work/dragon.toml" > "$work/one.toml"
  for seed in 1 2 3; do
    timed "dragon by itself, seed $seed" "$lair" run "$work/one.toml" --policy dragon --seed $seed --out "$work/one-$seed"
  done
  timed "200 runs of dragon" "$lair" sweep "$work/dragon.toml" --out "$work/d"
fi
