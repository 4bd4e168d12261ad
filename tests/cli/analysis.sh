# examples/analysis: sweeps read by Python and R say what the runs say.
. "$(dirname "$0")/common.sh" "$1"

cat >"$work/s.toml" <<'END'
platform = "pi-config2"
workload = "aiotbench"
intervals = 3
[record]
level = "summary"
[sweep]
seeds = "1..3"
policies = ["none", "overload-migration"]
[sweep.axes]
faults.rate = [0.5, 2]
"overload-migration:cooldown" = [1, 3]
END
expect 0 sweep "$work/s.toml" --out "$work/s"
# The mean of one cell by hand, from plain runs.
for seed in 1 2 3; do
  "$lair" run "$work/s.toml" --seed $seed >/dev/null 2>&1 && fail "a sweep file runs"
  sed '/^\[sweep\]/,$d' "$work/s.toml" >"$work/plain.toml"
  expect 0 run "$work/plain.toml" --seed $seed --policy none --set faults.rate=2 --out "$work/run$seed"
  sed -n 's/.*"energy_kwh": \([0-9.e-]*\),.*/\1/p' "$work/run$seed/summary.json"
done >"$work/energies"
mean=$(awk '{ sum += $1 } END { printf "%.6g", sum / NR }' "$work/energies")
if command -v python3 >/dev/null; then
  python3 examples/analysis/read_sweep.py "$work/s/sweep.db" energy_kwh >"$work/python" || fail "read_sweep.py"
  [ "$(wc -l <"$work/python")" -eq 7 ] || { fail "not six cells"; cat "$work/python" >&2; }
  grep -qP "^none\t2(\.0)?\tNone\t$mean\t[0-9.e-]+\t3$" "$work/python" || { fail "no mean of $mean"; cat "$work/python" >&2; }
  python3 examples/analysis/read_sweep.py "$work/s/sweep.db" >"$work/default" || fail "read_sweep.py without a metric"
  grep -q response_mean_s "$work/default" || fail "another default"
  python3 examples/analysis/read_sweep.py "$work/s/sweep.db" energy >"$work/none" 2>"$work/stderr" && fail "a metric that is none"
  says stderr "there is no metric energy; there are: energy_kwh, "
  grep -q Traceback "$work/stderr" && fail "a traceback"
fi
if command -v Rscript >/dev/null && Rscript -e 'library(RSQLite)' 2>/dev/null; then
  Rscript examples/analysis/read_sweep.R "$work/s/sweep.db" energy_kwh >"$work/r" || fail "read_sweep.R"
  # The same but for how nothing and whole numbers are written.
  sed 's/\tNone\t/\tNA\t/; s/\t2\.0\t/\t2\t/; s/\t\([13]\)\.0\t/\t\1\t/' "$work/python" | diff - "$work/r" >&2 || fail "R and Python differ"
  Rscript examples/analysis/read_sweep.R "$work/s/sweep.db" energy >"$work/none" 2>"$work/stderr" && fail "R takes a metric that is none"
  says stderr "there is no metric energy; there are: energy_kwh, "
else
  echo "R with RSQLite is not here: read_sweep.R was not run"
fi
finish
