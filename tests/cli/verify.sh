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
says stdout "missing"
# Another scenario than the one that made the results.
cp -r "$work/a" "$work/c"
sed -i 's/^rate = .*/rate = 0/' "$work/c/scenario.toml"
cmp -s "$work/a/scenario.toml" "$work/c/scenario.toml" && fail "the edit of scenario.toml did nothing"
expect 4 verify "$work/c"
# cost.json is no result.
echo '{}' >"$work/a/cost.json"
expect 0 verify "$work/a"

expect 2 verify "$work/nothing"
says stderr "has no summary.json"
echo '{' >"$work/a/summary.json"
expect 2 verify "$work/a"
finish
