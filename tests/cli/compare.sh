# lair compare: independent of -j, resumable, and the table's content.
. "$(dirname "$0")/common.sh" "$1"
common=($scenario --policies none,overload-migration --seeds 1..3,7 --set intervals=10)

expect 0 compare "${common[@]}" -j 1 --out "$work/one"
cp "$work/stdout" "$work/text"
empty stderr
says stdout "4 seeds"
says stdout "response_mean_s"
says stdout "paired difference"
says stdout "overload-migration against none, 4 seeds"
says stdout "at least 6 seeds"
expect 0 compare "${common[@]}" -j 2 --out "$work/two" --json
cmp -s "$work/stdout" "$work/two/compare.json" || fail "--json does not print compare.json"
same "$work/one" "$work/two"
for run in none-seed1 none-seed7 overload-migration-seed3; do
  [ -s "$work/one/$run/summary.json" ] || fail "$run is missing"
done
# A run of a comparison is the same as that run alone.
expect 0 run $scenario --set intervals=10 --seed 3 --policy overload-migration --out "$work/alone"
same "$work/alone" "$work/one/overload-migration-seed3"

# The table says what the summaries say: mean response and its paired difference, recomputed here.
value() { sed -n 's/^ *"response_mean_s": \(.*\),$/\1/p' "$work/one/$1-seed$2/summary.json"; }
for seed in 1 2 3 7; do echo "$(value none $seed) $(value overload-migration $seed)"; done |
  awk '{ a += $1; b += $2; n++ } END { printf "%.6f %.6f %.6f\n", a / n, b / n, (b - a) / n }' >"$work/expected"
awk -F, '$1 == "response_mean_s" && $4 == "none" { m = $6 }
         $1 == "response_mean_s" && $4 != "none" { printf "%.6f %.6f %.6f\n", m, $6, $10 }' \
  "$work/one/compare.csv" >"$work/got"
cmp -s "$work/expected" "$work/got" || fail "means differ: $(cat "$work/expected" "$work/got")"
whole "$work/one/compare.csv"

# Complete runs are in the way without --resume, and are not run again with it.
expect 2 compare "${common[@]}" --out "$work/one"
says stderr "--resume"
stamp=$(stat -c %Y.%i "$work/one/none-seed1/summary.json")
rm -r "$work/one/none-seed2" "$work/one/overload-migration-seed7/summary.json"
sed -i 's/"completed": true/"completed": false/' "$work/one/none-seed3/summary.json"
expect 0 compare "${common[@]}" --out "$work/one" --resume
same "$work/one" "$work/two"
[ "$stamp" = "$(stat -c %Y.%i "$work/one/none-seed1/summary.json")" ] || fail "a complete run was run again"
# A run of another scenario is not taken for one of this.
expect 0 compare $scenario --policies none --seeds 1 --set intervals=11 --out "$work/one" --resume
grep -q '"intervals": 11' "$work/one/none-seed1/summary.json" || fail "a stale run was used"

# Killed half way, then resumed: as if never killed.
"$lair" compare "${common[@]}" -j 1 --out "$work/killed" >/dev/null 2>&1 &
compare=$!
for _ in $(seq 600); do [ -e "$work/killed/none-seed1/summary.json" ] && break; sleep 0.01; done
kill -9 $compare
wait $compare 2>/dev/null
sleep 1 # its last run ends by itself
expect 0 compare "${common[@]}" --out "$work/killed" --resume
same "$work/killed" "$work/two"

# Interrupted: exit 130, and nothing of it counts as complete that is not.
set -m
"$lair" compare $scenario --policies none,overload-migration --seeds 1..2 --set intervals=1000000 \
  -j 2 --out "$work/interrupted" >/dev/null 2>"$work/stderr" &
compare=$!
set +m
for _ in $(seq 600); do
  [ "$(wc -l 2>/dev/null <"$work/interrupted/none-seed1/intervals.csv" || echo 0)" -gt 2 ] &&
    [ "$(wc -l 2>/dev/null <"$work/interrupted/overload-migration-seed1/intervals.csv" || echo 0)" -gt 2 ] &&
    break
  sleep 0.05
done
kill -INT $compare
wait $compare
[ $? -eq 130 ] || fail "an interrupted comparison does not end with 130"
says stderr "--resume"
grep -q '"completed": false' "$work/interrupted/none-seed1/summary.json" || fail "its runs left no summary"
[ ! -e "$work/interrupted/compare.json" ] || fail "an interrupted comparison left a table"
finish
