# lair twin: errors of the analytic twin against the exact one, several scenarios and seeds at once.
. "$(dirname "$0")/common.sh" "$1"

"$lair" twin $scenario --intervals 2 >"$work/stdout" 2>"$work/stderr"
if grep -q "sanitizers" "$work/stderr"; then # the exact twin forks, which they cannot follow
  finish
fi
expect 0 twin $scenario --intervals 12 --seeds 1..2 --policy overload-migration --out "$work/rows.csv"
empty stderr
says stdout "quickstart (16 hosts), policy overload-migration, seeds 1..2, 24 intervals"
for line in "CPU utilisation as its broker sees it" "all decisions known" "response time   as its broker sees it" "energy" "RAM" \
            "migration time" "fault active at the start" "new fault on the host" "speed:"; do
  says stdout "$line"
done
grep -E "CPU utilisation +as its broker sees it +[0-9]+ .*points +\(target 5: (met|missed)\)" "$work/stdout" \
  >/dev/null || fail "the target of CPU utilisation is not judged"
whole "$work/rows.csv"
# 16 hosts x 12 intervals x 2 seeds, less the LEIs without a broker; three metrics each.
rows=$(grep -c ',cpu,' "$work/rows.csv")
[ "$rows" -gt 300 ] && [ "$rows" -le 384 ] || fail "$rows rows of CPU"
# Every row of a host without a fault, and without a move from elsewhere, is exact to 1 point.
awk -F, '$4 == "cpu" && !$7 && !$9 && !$10 { n++; e = $11 - $13; if (e > .01 || e < -.01) bad++ }
         END { exit !(n > 200 && bad <= n / 100) }' "$work/rows.csv" || fail "quiet hosts are not forecast"
[ ! -e results ] || [ -z "$(find results -newer "$work/stderr" -name summary.json)" ] ||
  fail "lair twin wrote a result folder"

# The same errors again, whatever the number of processes; the speed apart.
expect 0 twin $scenario --intervals 12 --seeds 1..2 --policy overload-migration -j 1 --out "$work/again.csv"
cmp -s "$work/rows.csv" "$work/again.csv" || fail "two measurements differ"

expect 0 twin $scenario scenarios/dragon/config1-medium.toml --intervals 3 --json
empty stderr
says stdout '"scenario": "quickstart", "hosts": 16'
says stdout '"scenario": "config1-medium", "hosts": 16'
[ "$(grep -c '"seeds": \[1\], "intervals": 3,' "$work/stdout")" -eq 2 ] || fail "--json names other runs"
[ "$(grep -c '"cpu": {"unit": "points", "target_p95": 5,' "$work/stdout")" -eq 2 ] || fail "--json lacks CPU"
[ "$(grep -c '"response": {"unit": "%", "target_p95": 10,' "$work/stdout")" -eq 2 ] ||
  fail "--json lacks response times"
[ "$(grep -c '"forecasts_per_s": [1-9][0-9][0-9][0-9]' "$work/stdout")" -eq 2 ] || fail "--json lacks speed"
[ "$(tr -cd '{' <"$work/stdout" | wc -c)" -eq "$(tr -cd '}' <"$work/stdout" | wc -c)" ] ||
  fail "--json is cut short"

# Told to stop, it stops its runs too.
"$lair" twin $scenario --seeds 1..200 >"$work/stdout" 2>"$work/stderr" &
process=$!
for _ in $(seq 100); do # until its runs are there, however busy the machine is
  [ -n "$(cat "/proc/$process/task/$process/children" 2>/dev/null)" ] && break
  sleep 0.1
done
kill -TERM $process
wait $process
[ $? -eq 130 ] || fail "an interrupted measurement does not end with 130"
empty stdout
says stderr "interrupted"

expect 2 twin
expect 2 twin does-not-exist.toml
says stderr "does-not-exist.toml"
expect 2 twin $scenario --seeds 5..1
expect 2 twin $scenario --policy no-such-policy
says stderr "no-such-policy"
finish
