#!/usr/bin/env bash
# dragon_x.sh SOURCE: results/reference/dragon-x* are what scripts/dragon-x-tables makes of the runs beside them (the
# runs themselves take too long for a test), its p values are lair's, and docs/dragon-x.md claims what they say.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in results/reference/dragon-x results/reference/dragon-x-gobi; do
  [ -d $folder ] || { [ $folder != results/reference/dragon-x ] || fail "no $folder"; continue; }
  cp $folder/runs.csv $folder/against-dragon-x.csv "$work/"
  scripts/dragon-x-tables "$work" "$(sed -n 's/^Made by `\(.*\)`; do not.*/\1/p' $folder/README.md)" > "$work/README.md" ||
    fail "no tables of $folder"
  for file in README.md claim.csv; do
    cmp -s "$work/$file" $folder/$file || { fail "$folder/$file is another one"; diff "$work/$file" $folder/$file | head >&2; }
  done
  # One-sided p of the script, both sides of lair's own test: p = 2 min(one side, the other); the other is
  # above 1/2 where the difference is of the wrong sign.
  awk -F, '
    FNR == 1 { file++; for (i = 1; i <= NF; i++) at[file, $i] = i; next }
    file == 1 && $3 == "late" { mine[$1, $2, "slo_violation_rate"] = $5 }
    file == 1 && $3 == "response" { mine[$1, $2, "response_mean_s"] = $5 }
    file == 1 && $3 == "energy_less" { mine[$1, $2, "energy_kwh"] = $5 }
    file == 2 {
      key = $1 SUBSEP $at[2, "policy"] SUBSEP $at[2, "metric"]
      if (!(key in mine) || mine[key] > 0.5) next
      compared++
      if ((2 * mine[key] - $at[2, "p"]) / $at[2, "p"] > 0.01 || ($at[2, "p"] - 2 * mine[key]) / $at[2, "p"] > 0.01) {
        print "another p:", $0, mine[key]; wrong = 1
      }
    }
    END { if (compared < 80) { print "only " compared + 0 " p compared"; wrong = 1 } exit wrong }' \
    $folder/claim.csv $folder/against-dragon-x.csv >&2 || fail "p values of $folder are not lair's"
done
# What the document says of fresh seeds stands in the tables, word for word.
sed -n '/^## What holds/,/^## config1/{/^\* /p}' results/reference/dragon-x/README.md > "$work/sentences"
[ "$(wc -l < "$work/sentences")" = 5 ] || fail "not five sentences in results/reference/dragon-x"
while IFS= read -r sentence; do
  grep -qxF -- "$sentence" docs/dragon-x.md || fail "docs/dragon-x.md does not have: $sentence"
done < "$work/sentences"
finish
