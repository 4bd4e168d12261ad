# lair verify: the same bytes, or the first difference and exit 4.
. "$(dirname "$0")/common.sh" "$1"

expect 0 run $scenario --set intervals=10 --seed 5 --out "$work/a"
expect 0 verify "$work/a"
says stdout "the same bytes"
expect 0 verify "$work/a" --json
says stdout '"match": true'

cp -r "$work/a" "$work/b"
sed -i '5s/^\([0-9]*\),/\19,/' "$work/b/tasks.csv"
expect 4 verify "$work/b"
says stdout "first in tasks.csv:5"
says stdout "there:"
expect 4 verify "$work/b" --json
says stdout '"match": false'
says stdout '"file": "tasks.csv", "line": 5'

cp "$work/a/tasks.csv" "$work/b/tasks.csv"
expect 0 verify "$work/b"
sed -i 's/"energy_kwh": 0\./"energy_kwh": 1./' "$work/b/summary.json"
expect 4 verify "$work/b"
says stdout "summary.json:"
rm "$work/b/labels.csv"
expect 4 verify "$work/b"
grep -q 'first in labels.csv$' "$work/stdout" || fail "a missing file has a line"
says stdout "there: missing"
expect 4 verify "$work/b" --json
says stdout '"file": "labels.csv", "line": null, "there": "missing"'
# Another scenario than the one that made the results.
cp -r "$work/a" "$work/c"
sed -i 's/^rate = .*/rate = 0/' "$work/c/scenario.toml"
cmp -s "$work/a/scenario.toml" "$work/c/scenario.toml" && fail "the edit of scenario.toml did nothing"
expect 4 verify "$work/c"
# Files of others are no result either, and that is said.
echo mine >"$work/a/notes.txt"
expect 0 verify "$work/a" --json
says stderr "lair: note: $work/a/notes.txt is no result file and was not compared"
says stdout '"not_compared": ["notes.txt"]'
rm "$work/a/notes.txt"
# cost.json is no result.
echo '{}' >"$work/a/cost.json"
expect 0 verify "$work/a"

# Measured costs: no two runs are the same, and each is verified with the costs that it recorded.
measured="--set intervals=5 --set overhead.mode=measured --set overhead.machine_speed=100TFLOPS"
expect 0 run $scenario $measured --out "$work/m"
expect 0 run $scenario $measured --out "$work/n"
whole "$work/m/overhead.csv"
[ "$(wc -l <"$work/m/overhead.csv")" -eq 21 ] || fail "not a cost for each of 4 brokers and 5 intervals"
cmp -s "$work/m/overhead.csv" "$work/n/overhead.csv" && fail "two measured runs took the same time"
cmp -s "$work/m/events.jsonl" "$work/n/events.jsonl" && fail "measured costs have no effect"
for folder in m m n; do
  expect 0 verify "$work/$folder"
  says stdout "the same bytes"
done
cp "$work/n/overhead.csv" "$work/m/overhead.csv"
expect 4 verify "$work/m"
says stdout "differs"
sed -i '$d' "$work/n/overhead.csv"
expect 4 verify "$work/n"
says stdout "first in "
rm "$work/n/overhead.csv"
expect 2 verify "$work/n"
says stderr "overhead.csv"
[ -e "$work/a/overhead.csv" ] && fail "costs recorded that were not measured"
expect 0 run $scenario $measured --set record.level=summary --out "$work/s"
expect 0 verify "$work/s"
# A comparison is resumed with the measured runs that are there.
expect 0 compare $scenario $measured --policies none,overload-migration --seeds 1..2 --out "$work/cm"
cp -r "$work/cm" "$work/cm2"
expect 0 compare $scenario $measured --policies none,overload-migration --seeds 1..2 --out "$work/cm" --resume
same "$work/cm" "$work/cm2"

expect 2 verify "$work/nothing"
says stderr "has no summary.json"
echo '{' >"$work/a/summary.json"
expect 2 verify "$work/a"
says stderr "$work/a/summary.json: is not whole: no JSON: run the scenario again"
echo '{"lair_schema": "summary", "schema_version": 1, "seed": "x"}' >"$work/a/summary.json"
expect 2 verify "$work/a"
says stderr "lacks a key, or has one of another type"
finish
