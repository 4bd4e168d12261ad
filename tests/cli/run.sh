# lair run: what it writes and where, that it does not overwrite, that it repeats itself.
. "$(dirname "$0")/common.sh" "$1"
short=(--set intervals=12)

expect 0 run $scenario "${short[@]}" --out "$work/a"
says stdout "12 intervals"
says stdout "$work/a"
empty stderr
for file in summary.json scenario.toml intervals.csv hosts.csv tasks.csv migrations.csv faults.csv \
            labels.csv events.jsonl cost.json; do
  [ -s "$work/a/$file" ] || fail "$file is missing"
done
[ ! -e "$work/a/samples.csv" ] || fail "samples.csv was not asked for"
whole "$work/a/intervals.csv"
[ "$(wc -l <"$work/a/intervals.csv")" -eq 13 ] || fail "intervals.csv has not 12 rows"
[ "$(wc -l <"$work/a/hosts.csv")" -eq 193 ] || fail "hosts.csv has not 12 x 16 rows"
grep -q '"completed": true' "$work/a/summary.json" || fail "the run is not completed"
grep -qE 'wall|cpu_s|compiler|Release|Debug' "$work/a/summary.json" && fail "summary.json tells of the build"
arrived=$(awk -F, 'NR > 1 { n += $3 } END { print n }' "$work/a/intervals.csv")
grep -q "\"arrived\": $arrived," "$work/a/summary.json" || fail "arrivals do not add up to $arrived"
[ "$(wc -l <"$work/a/tasks.csv")" -eq $((arrived + 1)) ] || fail "tasks.csv has not $arrived rows"
planned=$(sed -n 's/.*"planned": \([0-9]*\).*/\1/p' "$work/a/summary.json")
[ "$(wc -l <"$work/a/faults.csv")" -eq $((planned + 1)) ] || fail "faults.csv has not $planned rows"

# The same again is the same; --json prints the summary and nothing else.
expect 0 run $scenario "${short[@]}" --out "$work/b" --json
cmp -s "$work/stdout" "$work/b/summary.json" || fail "--json does not print summary.json"
empty stderr
same "$work/a" "$work/b"
# The resolved scenario is a scenario, of the same run.
expect 0 run "$work/a/scenario.toml" --out "$work/c"
same "$work/a" "$work/c"

# A complete result stands unless forced; an incomplete one is replaced.
expect 2 run $scenario "${short[@]}" --out "$work/b"
says stderr "holds a complete result"
says stderr "--force"
cp -r "$work/b" "$work/kept"
for other in "--seed 2" "--policy none" "--set faults.rate=2"; do
  expect 2 run $scenario "${short[@]}" $other --out "$work/b"
  says stderr "--out: '$work/b' holds a result of another"
done
same "$work/b" "$work/kept"
expect 0 run $scenario "${short[@]}" --out "$work/b" --force --seed 2 --policy none
grep -q '"seed": 2' "$work/b/summary.json" || fail "--seed has no effect"
grep -q '"name": "none"' "$work/b/summary.json" || fail "--policy has no effect"
cmp -s "$work/a/tasks.csv" "$work/b/tasks.csv" && fail "another seed gave the same tasks"
sed -i 's/"completed": true/"completed": false/' "$work/b/summary.json"
expect 2 run $scenario "${short[@]}" --out "$work/b" # unfinished, but another run's
expect 0 run $scenario "${short[@]}" --out "$work/b" --force
same "$work/a" "$work/b"
sed -i 's/"completed": true/"completed": false/' "$work/b/summary.json"
expect 0 run $scenario "${short[@]}" --out "$work/b"
same "$work/a" "$work/b"

# A folder of something else is left alone, and the scenario's own folder even with --force.
mkdir "$work/mine"
echo "a year's work" >"$work/mine/tasks.csv"
expect 2 run $scenario "${short[@]}" --out "$work/mine"
says stderr "'$work/mine' is not empty and no result of lair: 'tasks.csv' is in it"
[ "$(cat "$work/mine"/*)" = "a year's work" ] || fail "a foreign folder was written into"
expect 2 run $scenario "${short[@]}" --out "$work/mine/tasks.csv"
says stderr "is a file"
cp "$work/a/scenario.toml" "$work/mine"
expect 2 run "$work/mine/scenario.toml" --seed 2 --out "$work/mine" --force
says stderr "the folder of the scenario itself"
cmp -s "$work/a/scenario.toml" "$work/mine/scenario.toml" || fail "the scenario was replaced"

# One writer at a time.
"$lair" run $scenario --set intervals=1000000 --out "$work/busy" >/dev/null 2>&1 &
other=$!
for _ in $(seq 600); do [ -s "$work/busy/scenario.toml" ] && break; sleep 0.05; done
expect 2 run $scenario --set intervals=1000000 --out "$work/busy"
says stderr "another run is being written there"
kill -9 $other
wait $other 2>/dev/null

# Arrivals and planned faults do not depend on the policy.
expect 0 run $scenario "${short[@]}" --out "$work/none" --policy none
for folder in a none; do
  grep '"kind":"task_arrived"' "$work/$folder/events.jsonl" >"$work/$folder.arrivals"
  cut -d, -f1-4,9 "$work/$folder/faults.csv" | sort >"$work/$folder.faults"
done
cmp -s "$work/a.arrivals" "$work/none.arrivals" || fail "arrivals depend on the policy"
cmp -s "$work/a.faults" "$work/none.faults" || fail "planned faults depend on the policy"

# Levels of recording.
expect 0 run $scenario "${short[@]}" --set record.level=summary --out "$work/summary"
[ ! -e "$work/summary/tasks.csv" ] && [ ! -e "$work/summary/events.jsonl" ] || fail "level summary"
fingerprint() { sed -n 's/.*"fingerprint": "\(.*\)".*/\1/p' "$1/summary.json"; }
[ "$(fingerprint "$work/summary")" = "$(fingerprint "$work/a")" ] || fail "the level changes the run"
expect 0 run $scenario "${short[@]}" --set record.samples=true --out "$work/samples"
whole "$work/samples/samples.csv"
[ "$(fingerprint "$work/samples")" = "$(fingerprint "$work/a")" ] || fail "samples change the run"

# The default folder.
root=$PWD
(cd "$work" && "$lair" run "$root/$scenario" "${short[@]}" --seed 9 --policy none >/dev/null)
[ -s "$work/results/quickstart/none-seed9/summary.json" ] || fail "the default folder is another"
finish
