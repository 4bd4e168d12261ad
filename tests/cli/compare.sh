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

# What belongs to another scenario, seed, policy, build or to somebody else is neither used nor lost
# unless --force says so; each is named.
cp -r "$work/one" "$work/kept"
expect 2 compare $scenario --policies none --seeds 1..3 --set intervals=11 --out "$work/one" --resume
says stderr "--out: '$work/one' holds a comparison of another scenario: hash "
for seed in 1 2 3; do
  says stderr "--out: '$work/one/none-seed$seed' holds a result of another scenario: 'quickstart' with hash "
done
same "$work/one" "$work/kept"
rm "$work/one/compare.json"
rm -r "$work/one/none-seed2" && cp -r "$work/one/none-seed3" "$work/one/none-seed2"
sed -i 's/"program": "/&x/' "$work/one/none-seed7/cost.json"
expect 2 compare "${common[@]}" --out "$work/one" --resume
says stderr "'$work/one/none-seed2' holds a result of another seed or policy: seed 3, policy 'none'"
says stderr "'$work/one/none-seed7' holds a result of another build of lair (0."
[ "$(wc -l <"$work/stderr")" -eq 2 ] || fail "something else is in the way"
stamp=$(stat -c %Y.%i "$work/one/none-seed1/summary.json")
expect 0 compare "${common[@]}" --out "$work/one" --resume --force
same "$work/one" "$work/two"
[ "$stamp" = "$(stat -c %Y.%i "$work/one/none-seed1/summary.json")" ] || fail "--force replaced what fits"
# A policy library is part of what made a result: the same bytes are the same library, whatever their
# date; others are another one, and only the results that it made are in question.
library=${2:-}
[ -s "$library" ] || fail "no policy library to compare with"
cp "$library" "$work/mine.so"
plugged=($scenario --policies none,"$work/mine.so" --seeds 1..2 --set intervals=5)
expect 0 compare "${plugged[@]}" --out "$work/plugged"
made=$(cd "$work/plugged" && ls -d good-seed1 good-seed2) || fail "the runs are elsewhere: $(ls "$work/plugged")"
stamps() { for run in none-seed1 good-seed1 good-seed2; do stat -c %Y.%i "$work/plugged/$run/summary.json"; done; }
cp -r "$work/plugged" "$work/kept_plugged"
stamp=$(stamps)
cp "$library" "$work/mine.so"
expect 0 compare "${plugged[@]}" --out "$work/plugged" --resume
[ "$stamp" = "$(stamps)" ] || fail "a result of the same library was made again"
echo rebuilt >>"$work/mine.so"
expect 2 compare "${plugged[@]}" --out "$work/plugged" --resume
for run in $made; do
  says stderr "'$work/plugged/$run' holds a result of another build of the policy library $work/mine.so"
done
[ "$(wc -l <"$work/stderr")" -eq 2 ] || fail "something else than the library's results is in the way"
[ "$stamp" = "$(stamps)" ] || fail "something was made again of a rebuilt library without --force"
same "$work/plugged" "$work/kept_plugged"
expect 0 compare "${plugged[@]}" --out "$work/plugged" --resume --force
[ "$(head -1 <<<"$stamp")" = "$(stamps | head -1)" ] || fail "--force made a result again that has no library"
[ "$(tail -2 <<<"$stamp")" != "$(stamps | tail -2)" ] || fail "--force kept results of another library"
expect 0 compare "${plugged[@]}" --out "$work/plugged" --resume # they are this library's now
# An unfinished run of another scenario is a result too.
mkdir "$work/begun"
expect 0 run $scenario --set intervals=3 --seed 1 --policy none --out "$work/begun/none-seed1"
rm "$work/begun/none-seed1/summary.json"
expect 2 compare "${common[@]}" --out "$work/begun" --resume
says stderr "'$work/begun/none-seed1' holds the unfinished result of another scenario, seed or policy"
# A folder of something else.
mkdir "$work/mine"
echo "a year's work" >"$work/mine/thesis.tex"
expect 2 compare "${common[@]}" --out "$work/mine"
says stderr "'$work/mine' is not empty and no result of lair: 'thesis.tex' is in it"
[ "$(ls "$work/mine")" = thesis.tex ] || fail "something was written into a foreign folder"
expect 2 compare "${common[@]}" --out "$work/alone" --json
says stderr "'$work/alone' holds the result of a single run"
says stdout '"kind": "bad_input"'
# Of many that are in the way, so many that a screen holds, and how many more.
for seed in $(seq 30); do mkdir -p "$work/many/none-seed$seed" && touch "$work/many/none-seed$seed/x"; done
expect 2 compare $scenario --policies none --seeds 1..30 --out "$work/many"
says stderr "and 11 more folders" # 30 and the folder around them

# Killed half way, then resumed: as if never killed.
"$lair" compare "${common[@]}" -j 1 --out "$work/killed" >/dev/null 2>&1 &
compare=$!
for _ in $(seq 600); do [ -e "$work/killed/none-seed1/summary.json" ] && break; sleep 0.01; done
kill -9 $compare
wait $compare 2>/dev/null
expect 0 compare "${common[@]}" --out "$work/killed" --resume
same "$work/killed" "$work/two"

# Seeds are added until the intervals are narrow enough: the same ones whatever -j and whatever was
# there, those above the given ones; what is said is what the table says.
until=($scenario --policies none,overload-migration --seeds 4,1..2 --set intervals=4)
json() { sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}$/\1/p" "$2/compare.json"; }
expect 0 compare "${until[@]}" --until-width 17% -j 1 --out "$work/until"
cp "$work/stdout" "$work/until_text"
used=$(json seeds_used "$work/until")
[ "$used" -gt 10 ] && [ "$used" -lt 200 ] || fail "took $used seeds"
[ "$(ls -d "$work/until"/none-seed* | wc -l)" -eq "$used" ] || fail "there are not $used seeds of none"
[ -d "$work/until/overload-migration-seed$((used + 1))" ] || fail "the seeds are not 4, 1, 2, 5, 6, ..."
[ ! -e "$work/until/none-seed3" ] || fail "seed 3 was not asked for"
[ "$(json reached "$work/until")" = true ] || fail "not reached"
says until_text " with $used seeds, $((used - 3)) more than given; 17 % was asked for"
awk -F, '$1 == "response_mean_s" { n++; if (($8 - $7) / $6 > 0.17 || $5 != '"$used"') bad = 1 }
         END { exit bad || n != 2 }' "$work/until/compare.csv" || fail "an interval is wider than 17 %"
expect 0 compare "${until[@]}" --until-width 0.17 -j 3 --out "$work/until2"
same "$work/until" "$work/until2"
rm -r "$work/until2/none-seed1" "$work/until2/overload-migration-seed8" "$work/until2/compare.json"
expect 2 compare "${until[@]}" --until-width 17% --out "$work/until2"
says stderr "none-seed10' holds"
expect 0 compare "${until[@]}" --until-width 17% --out "$work/until2" --resume
same "$work/until" "$work/until2"
# A narrower one goes on from there.
stamp=$(stat -c %Y.%i "$work/until2/none-seed5/summary.json")
expect 0 compare "${until[@]}" --until-width 12% --out "$work/until2" --resume
[ "$(json seeds_used "$work/until2")" -gt "$used" ] || fail "12 % took no more seeds than 17 %"
[ "$stamp" = "$(stat -c %Y.%i "$work/until2/none-seed5/summary.json")" ] || fail "a run was made again"
# The same seeds without the rule: the same rows.
expect 0 compare $scenario --policies none,overload-migration --set intervals=4 \
  --seeds "4,1..2,5..$((used + 1))" --out "$work/fixed"
cmp -s "$work/fixed/compare.csv" "$work/until/compare.csv" || fail "the rule changes the table"
grep -q until_width "$work/fixed/compare.json" && fail "until_width without being asked"
# The paired difference is known sooner than the means: of the same worlds.
of_means=$(json seeds_used "$work/until2")
expect 0 compare "${until[@]}" --until-width 12% --width-of difference --out "$work/until2" --resume
[ "$(json seeds_used "$work/until2")" -lt "$of_means" ] || fail "a difference needs as many seeds as means"
says stdout "95 % interval of a paired difference is "
awk -F, '$1 == "response_mean_s" && $4 == "none" { m = $6 }
         $1 == "response_mean_s" && $4 != "none" { exit !(($12 - $11) / m <= 0.12) }' \
  "$work/until2/compare.csv" || fail "a difference is not known to 12 %"
# Out of reach.
expect 0 compare "${until[@]}" --until-width 1% --max-seeds 12 --out "$work/until2" --resume
[ "$(json reached "$work/until2")" = false ] && [ "$(json seeds_used "$work/until2")" -eq 12 ] ||
  fail "1 % was reached with 12 seeds, or more were used"
says stdout "with 12 seeds, as many as --max-seeds allows; 1 % was asked for, which takes some "
# A metric that no run has.
expect 0 compare $scenario --policies none --seeds 1 --set intervals=2 --until-width 5% \
  --width-metric detection.f1 --out "$work/nothing"
says stdout "detection.f1: no run has a value of it"
[ "$(json seeds_used "$work/nothing")" -eq 10 ] || fail "more seeds for a metric without values"
# What cannot be meant, at once, before anything has run.
expect 2 compare $scenario --policies none --until-width 5 --width-metric response_meen_s \
  --width-of difference --seeds 1..300 --out "$work/never"
says stderr "--until-width: '5' is no share above 0 and at most 100 %"
says stderr "did you mean 'response_mean_s'?"
says stderr "--width-of: one policy has no difference"
says stderr "--max-seeds: 200 is less than the 300 seeds given"
expect 2 compare $scenario --policies none --max-seeds 5 --out "$work/never"
says stderr "--until-width"
expect 2 compare $scenario --policies none --until-width 5% --seeds 9000000000000000000 --out "$work/never"
says stderr "leaves no room"
[ ! -e "$work/never" ] || fail "something has run"

# Its runs go with it.
"$lair" compare $scenario --policies none --seeds 1..2 --set intervals=1000000 -j 2 --out "$work/orphans" \
  >/dev/null 2>&1 &
compare=$!
for _ in $(seq 600); do
  runs=$(cat "/proc/$compare/task/$compare/children" 2>/dev/null)
  [ "$(wc -w <<<"$runs")" -eq 2 ] && break
  sleep 0.01
done
sleep 0.2 # until they have begun
kill -9 $compare
wait $compare 2>/dev/null
for run in $runs; do
  for _ in $(seq 200); do kill -0 "$run" 2>/dev/null || break; sleep 0.01; done
  kill -0 "$run" 2>/dev/null && fail "a run outlives its comparison"
done

# Damaged afterwards: not used again without a word.
cp -r "$work/killed" "$work/damaged"
: >"$work/damaged/none-seed1/intervals.csv"
rm "$work/damaged/none-seed2/faults.csv"
expect 2 compare "${common[@]}" --out "$work/damaged" --resume
says stderr "none-seed1' is damaged: 'intervals.csv' is not as it was written"
says stderr "none-seed2' is damaged: 'faults.csv' is not as it was written"
expect 0 compare "${common[@]}" --out "$work/damaged" --resume --force
same "$work/damaged" "$work/two"

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
