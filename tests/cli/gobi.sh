# The scheduler gobi: shipped models better than random placement on seeds that nothing was trained or chosen on, any
# policy on top of it, any size of federation, the same bytes twice; its traces and its training.
. "$(dirname "$0")/common.sh" "$1"
gobi='policy.scheduler="gobi"'
names() { "$lair" list "$1" --json | sed -n 's/.*"name": "\([^"]*\)".*/\1/p'; }
names schedulers | grep -qx gobi || fail "lair list schedulers lacks gobi"

# One number of a comparison of one policy.
mean() { # METRIC SCHEDULER CONFIGURATION [OPTIONS]
  expect 0 compare "scenarios/dragon/config$3-medium.toml" --policies "none${4:-}" --seeds 41..44 --force \
    --set "policy.scheduler=\"$2\"" --out "$work/compare"
  sed -n "s/^$1 *[a-z]* *\([0-9.]*\) .*/\1/p" "$work/stdout"
}
smaller() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && a < b) }'; }
for configuration in 2 3; do
  random=$(mean response_mean_s random $configuration)
  found=$(mean response_mean_s gobi $configuration)
  smaller "$found" "$random" || fail "configuration $configuration: $found s with gobi, $random s with random"
done

# Every policy goes with it.
for name in $(names policies); do
  expect 0 run scenarios/dragon/config2.toml --set intervals=4 --policy "$name" --set "$gobi" --out "$work/with-$name"
  grep -q 'scheduler = "gobi"' "$work/with-$name/scenario.toml" || fail "$name without gobi"
done

# 1, 16, 100 and 1,000 hosts, LEIs of one host; one LEI of 100.
while read -r leis hosts; do
  "$lair" platform --leis "$leis" --hosts-per-lei "$hosts" --out "$work/$leis-$hosts.toml" || fail "no platform"
  expect 0 run $scenario --policy none --set "$gobi" --out "$work/$leis-$hosts" --set intervals=3 \
    --set "platform=\"$work/$leis-$hosts.toml\"" --set "workload.rate=$((leis * hosts / 2 + 1))" \
    --set "faults.rate=$((leis * hosts / 20 + 1))" --set 'record.level="summary"'
done <<END
1 1
16 1
4 4
1 100
250 4
END

# The same run twice; another one untrained, and with every other option.
run() { expect 0 run scenarios/dragon/config2.toml --set intervals=15 --set "$gobi" --policy "none$2" --out "$work/$1"; }
run once ""
run twice ""
cmp "$work/once/tasks.csv" "$work/twice/tasks.csv" || fail "two runs differ"
n=0
for options in :surrogate=untrained :relaxation=softmax :gobi_energy=0 :keep=last :gobi_steps=0; do
  run "other$((++n))" $options
  cmp -s "$work/once/tasks.csv" "$work/other$n/tasks.csv" && fail "$options changes nothing"
done
expect 0 verify "$work/once"
expect 2 run scenarios/dragon/config2.toml --set "$gobi" --policy none:surrogate=nobody --out "$work/none"
says stderr "nobody"

# Traces with outcomes, and a training that is the same when it is repeated.
traced() { expect 0 trace scenarios/training/config2.toml --seeds 9 --set intervals=80 --out "$work/$1.trace" "${@:2}"; }
traced plain
expect 2 train gobi --trace "$work/plain.trace" --out "$work/model"
says stderr "lair trace --outcomes"
traced random --set 'policy.scheduler="random"' --outcomes
[ "$(wc -c < "$work/random.trace")" -gt "$(wc -c < "$work/plain.trace")" ] || fail "no outcomes"
expect 2 train gobi --trace "$work/random.trace" --out "$work/model" --validate-on "$work/random.trace"
expect 2 train gobi --trace "$work/random.trace" --out "$work/model" --option horizon=70
small="--epochs 3 --option layer1=16 --option layer2=16 --option layer3=8"
for name in one two; do
  (cd "$work" && "$lair" train gobi --trace random.trace --out model --force $small) > "$work/stdout" 2>&1 || fail "no training"
  cp "$work/model.json" "$work/$name.json"
done
cmp "$work/one.json" "$work/two.json" || fail "two trainings differ"
grep -q 'scheduler random' "$work/model.json" || fail "no provenance"
run own ":surrogate=$work/model.json"
finish
