# scripts/calibrate-deadlines: its numbers follow from its method, and lair check knows its files.
. "$(dirname "$0")/common.sh" "$1"

# Six response times of `a`: type 7 takes position 0.9 x 5 = 4.5, so the mean of 500 and 600 (nearest
# rank would say 600). Of `b` eleven: position 9, the tenth. What has not finished does not count.
header=$(head -1 <("$lair" run $scenario --set intervals=1 --out "$work/run" >/dev/null; cat "$work/run/tasks.csv"))
row() { # application outcome response
  awk -F, -v a="$1" -v o="$2" -v r="$3" -v header="$header" 'BEGIN {
    n = split(header, name, ",")
    for (i = 1; i <= n; i++) {
      v = name[i] == "application" ? a : name[i] == "outcome" ? o : name[i] == "response_s" ? r : 1
      printf "%s%s", v, i < n ? "," : "\n"
    }
  }'
}
{
  echo "$header"
  for r in 600 200 400.5 100 500 300; do row a finished $r; done
  row a failed ""
  row a active ""
} >"$work/one.csv"
{
  echo "$header"
  for r in 0 10 20 30 40 50 60 70 80 90 1e3; do row b finished $r; done
  row c finished 7.4
} >"$work/two.csv"
scripts/calibrate-deadlines --from "$work/one.csv" "$work/two.csv" >"$work/stdout"
printf 'a,550,6\nb,90,11\nc,7,1\n' | cmp -s - "$work/stdout" || { fail "wrong deadlines:"; cat "$work/stdout" >&2; }

for file in workloads/deadlines/*.toml; do
  expect 0 check "$file" # 2: its scenario has changed; run scripts/calibrate-deadlines
  says stdout "deadlines: "
  says stdout "(hash "
  expect 0 check "$file" --json
  says stdout '"kind": "deadlines", "ok": true'
  # The seeds of calibrations are from 1001 to 1020, those of evaluations never.
  grep -q '^seeds = "1001..1020"$' "$file" || fail "$file: other seeds"
done
sed 's/^scenario_hash = .*/scenario_hash = "0"/' workloads/deadlines/aiotbench.toml >"$work/stale.toml"
expect 2 check "$work/stale.toml"
says stderr "has changed since"
says stderr "calibrate again: scripts/calibrate-deadlines aiotbench"
sed 's/^resnet18 = .*/resnet18 = "soon"/' workloads/deadlines/aiotbench.toml >"$work/bad.toml"
expect 2 check "$work/bad.toml"
says stderr "deadlines.resnet18"

# Deadlines reach the runs: a violation rate, and the deadline of each task.
expect 0 run $scenario --set intervals=5 --out "$work/slo"
grep -q '"slo_violation_rate": [0-9]' "$work/slo/summary.json" || fail "no violation rate"
# Those of the paper's reference method: another file, other deadlines, in the same scenario.
grep -q '^policy = "stepgan"$' workloads/deadlines/aiotbench-stepgan.toml || fail "not under stepgan"
expect 0 run $scenario --set intervals=5 --set 'workload.deadlines="aiotbench-stepgan"' --out "$work/slo-stepgan"
cut -d, -f1-10 "$work/slo/tasks.csv" | cmp -s - <(cut -d, -f1-10 "$work/slo-stepgan/tasks.csv") || fail "other runs"
cut -d, -f11 "$work/slo/tasks.csv" | cmp -s - <(cut -d, -f11 "$work/slo-stepgan/tasks.csv") && fail "the same deadlines"
expect 0 check platforms/boards/pi4b.toml
says stdout "boards: kinds of host for platforms: pi4b-4gb, pi4b-8gb"
expect 2 check $scenario --set overhead.mode=paper
says stderr "no memory for policy 'overload-migration'"
says stderr "topomad"
expect 0 check $scenario --set overhead.mode=paper --set overhead.memory="2.48 GB"
finish
