# Every kind of fault at once on the paper's three configurations: every run ends, and no fault is lost.
. "$(dirname "$0")/common.sh" "$1"
for config in 1 2 3; do
  expect 0 compare scenarios/stress/all-faults.toml --policies none,overload-migration --seeds 1..4 \
    --set platform=pi-config$config --set record.level=tasks --out "$work/$config"
  for run in "$work/$config"/*/; do
    sed -n 's/^    "\(planned\|applied\|masked\)": \([0-9]*\),*$/\1 \2/p' "$run/summary.json" |
      awk '{ n[$1] = $2 } END { exit !(n["planned"] > 100 && n["planned"] == n["applied"] + n["masked"]) }' ||
      fail "$run: planned is not applied + masked"
  done
  for kind in cpu_overload ram_contention disk_attack ddos crash link_loss partition silent_corruption; do
    cat "$work/$config"/*/faults.csv | grep -q ",$kind,.*,applied," || fail "configuration $config: no $kind"
  done
done
finish
