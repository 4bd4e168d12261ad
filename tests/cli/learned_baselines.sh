# The policies awgg, topomad and stepgan as a user runs them: the same bytes again, any detector with any remediator, any
# number of hosts, decisions that are nobody else's, costs that are charged.
. "$(dirname "$0")/common.sh" "$1"

few="--set intervals=12 --set faults.rate=3 --seed 3"
for policy in awgg topomad stepgan; do
  expect 0 run scenarios/dragon/config2.toml --policy $policy $few --out "$work/$policy"
  empty stderr
  grep -qE "$policy model=$policy-pi-config2 manifest=xxh3-128:[0-9a-f]{32}" "$work/$policy/notes.csv" ||
    fail "the run does not name its model"
  [ "$(wc -l < "$work/$policy/migrations.csv")" -gt 1 ] || fail "$policy never moves a task"
  expect 0 verify "$work/$policy"
  empty stderr
  # Every decision takes the broker time, by the operations that it counts.
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { n += $at["decision_s"] > 0 } END { exit n < 10 }' \
    "$work/$policy/intervals.csv" || fail "$policy charges nothing"
  # With another remediator: one line.
  for remediator in overload-migration annealed-migration; do
    expect 0 run scenarios/dragon/config2.toml --set intervals=3 --seed 3 --set faults.rate=3 \
      --set "policy={name=\"none\", detector=\"$policy\", remediator=\"$remediator\"}" --out "$work/$policy-$remediator"
    empty stderr
  done
done
for pair in "awgg topomad" "awgg stepgan" "topomad stepgan"; do
  set -- $pair
  for file in labels migrations; do
    cmp -s "$work/$1/$file.csv" "$work/$2/$file.csv" && fail "$1 and $2: the same $file"
  done
done
for other in pbfm overload-migration; do
  expect 0 run scenarios/dragon/config2.toml --policy $other $few --out "$work/$other"
  for policy in awgg topomad stepgan; do
    cmp -s "$work/$policy/migrations.csv" "$work/$other/migrations.csv" && fail "$policy and $other do the same"
  done
done

# One host; LEIs of one host; a hundred hosts. The model is another platform's, which is said once.
for size in "1 1" "6 1" "25 4"; do
  set -- $size
  expect 0 platform --leis $1 --hosts-per-lei $2 --out "$work/p$1.toml"
  for policy in awgg topomad stepgan; do
    expect 0 run scenarios/stress/all-faults.toml --set "platform=\"$work/p$1.toml\"" --set intervals=4 \
      --policy $policy --out "$work/sized" --force
    says stderr "$policy uses $policy-pi-config2"
    [ "$(wc -l < "$work/stderr")" -eq 1 ] || fail "one line for all brokers"
  done
done
finish
