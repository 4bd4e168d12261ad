# The reduced form of scripts/reproduce-dragon: one configuration, three seeds, 30 intervals, all policies.
. "$(dirname "$0")/common.sh" "$1"
export LAIR
LAIR=$(readlink -f "$lair")

scripts/reproduce-dragon --reduced "$work/made" > "$work/stdout" 2> "$work/stderr" ||
  { fail "scripts/reproduce-dragon ended with $?"; tail -5 "$work/stderr" >&2; }
policies=$(sed -n 's/^policies=(\(.*\))$/\1/p' scripts/reproduce-dragon)
[ "$(wc -w <<< "$policies")" -ge 8 ] || fail "too few policies: $policies"
for file in modelled paper applications moves; do
  whole "$work/made/$file.csv"
  for policy in $policies; do
    grep -q ",$policy," "$work/made/$file.csv" || fail "$file.csv has no $policy"
  done
done
# A line per policy in every table of all policies, each with its figure and interval.
for title in "Energy \[kWh\]" "Mean response time \[s\]" "Tasks that miss their deadline \[%\]" "Decision time.*"; do
  rows=$(awk -v title="^### $title" '$0 ~ title { inside = 1; tables++; next } /^#/ { inside = 0 }
    inside && /^\| `[^`]*` \| [0-9.]+ \[[0-9.]+, [0-9.]+\]/ { rows++ } END { print tables ? rows / tables : 0 }' "$work/made/README.md")
  [ "$rows" -eq "$(wc -w <<< "$policies")" ] || fail "$title: $rows rows"
done
# Conditions (a broker that is down holds no memory): gobi below every policy, Table III's memory in the second set.
grep -L '"scheduler": "gobi"' "$work"/made/runs/*/config2/*/summary.json | grep . && fail "a run without gobi"
awk -F, '$1 == "config2" && $2 == "none" && $3 == "model_bytes" && $5 == "dragon+" { x = $7 }
  END { exit !(x > 8e8 && x <= 9.44e8) }' "$work/made/paper.csv" || fail "dragon+ does not have the paper's memory"
# Judging works on any such folder, claim by claim.
scripts/judge-dragon "$work/made" > "$work/claims" || fail "scripts/judge-dragon ended with $?"
[ "$(grep -c '^| D' "$work/claims")" -ge 30 ] || fail "too few claims"

# Again: every run is used again, and the tables have the same bytes.
cp -r "$work/made" "$work/first"
touch "$work/then"
scripts/reproduce-dragon --reduced "$work/made" > /dev/null 2>&1 || fail "the second time it ended with $?"
find "$work/made/runs" -name summary.json -newer "$work/then" | grep . && fail "runs were made again"
for file in README.md modelled.csv paper.csv applications.csv moves.csv; do
  cmp "$work/first/$file" "$work/made/$file" || fail "$file differs"
done
finish
