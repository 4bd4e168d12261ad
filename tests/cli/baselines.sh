# Baseline policies: every pair of detector and remediator, every size of federation, the same bytes twice.
. "$(dirname "$0")/common.sh" "$1"
baselines=(pbfm fdmr tbaft iotef medusa dragon-x)

names() { "$lair" list "$1" --json | sed -n 's/.*"name": "\([^"]*\)".*/\1/p'; }
references=(pbfm@reference tbaft@reference fdmr@reference iotef@reference)
searching=(dragon@reference carol@reference) # for nothing, as their code does
for name in "${baselines[@]}" "${references[@]}" "${searching[@]}"; do
  names policies | grep -qx "$name" || fail "lair list policies lacks $name"
done
"$lair" list policies --json | grep '"source": ""' && fail "a policy has no source"

# Any detector with any remediator, in one line. Learned ones need their library.
for detector in $(names detectors); do
  case $detector in
    gon | awgg | topomad | stepgan) [ -e "$(dirname "$lair")/liblair-neural.so" ] || continue ;;
  esac
  for remediator in $(names remediators); do
    expect 0 run scenarios/dragon/config2.toml --set intervals=3 --out "$work/$detector-$remediator" \
      --set "policy={name=\"none\", detector=\"$detector\", remediator=\"$remediator\"}"
    grep -q "remediator = \"$remediator\"" "$work/$detector-$remediator/scenario.toml" || fail "not $remediator"
  done
done

# 1, 16, 100 and 1,000 hosts, LEIs of one host.
while read -r leis hosts; do
  "$lair" platform --leis "$leis" --hosts-per-lei "$hosts" --out "$work/$leis-$hosts.toml" || fail "no platform"
  for name in "${baselines[@]}" "${references[@]}" "${searching[@]}"; do
    expect 0 run $scenario --policy "$name" --out "$work/$name-$leis-$hosts" --set intervals=4 \
      --set "platform=\"$work/$leis-$hosts.toml\"" --set "workload.rate=$((leis * hosts / 2 + 1))" \
      --set "faults.rate=$((leis * hosts / 20 + 1))" --set 'record.level="summary"'
  done
done <<END
1 1
16 1
4 4
25 4
250 4
END

# The same run twice, and another decision than the others'.
for name in "${baselines[@]}"; do
  expect 0 run scenarios/dragon/config1.toml --policy "$name" --set intervals=40 --out "$work/$name"
  expect 0 run scenarios/dragon/config1.toml --policy "$name" --set intervals=40 --out "$work/$name-again"
  same "$work/$name" "$work/$name-again"
  case $name in # what it is for
    iotef) grep -q checkpoint_stored "$work/$name/events.jsonl" || fail "$name keeps no log" ;;
    medusa) [ "$(wc -l <"$work/$name/copies.csv")" -gt 3 ] || fail "$name starts no copies" ;;
    *) [ "$(wc -l <"$work/$name/migrations.csv")" -gt 3 ] || fail "$name moved nothing" ;;
  esac
done
expect 0 run scenarios/dragon/config1.toml --policy overload-migration --set intervals=40 --out "$work/overload-migration"
references+=(dragon@reference:apply=all carol@reference:apply=all)
expect 0 compare scenarios/dragon/config1.toml --policies "$(IFS=,; echo "${references[*]}")" --seeds 1 \
  --set intervals=40 --out "$work/references"
for name in "${references[@]}"; do
  mv "$work/references/${name//[@:=]/-}-seed1" "$work/$name" || fail "no folder of $name"
done
for name in none:rule=generated "${searching[@]}"; do # with the same labels they decide as `none` does
  expect 0 run scenarios/dragon/config1.toml --policy "$name" --set intervals=40 --set 'overhead.mode="none"' \
    --set 'policy.detector="reference-rule"' --out "$work/searching-${name%:*}"
  cmp -s "$work/searching-none/tasks.csv" "$work/searching-${name%:*}/tasks.csv" || fail "$name acts"
  grep -q ',1$' "$work/searching-${name%:*}/labels.csv" || fail "$name labels nothing"
done
all=(overload-migration "${baselines[@]}" "${references[@]}")
for a in "${all[@]}"; do
  for b in "${all[@]}"; do
    [ "$a" = "$b" ] || ! cmp -s "$work/$a/tasks.csv" "$work/$b/tasks.csv" || fail "$a decides like $b"
  done
done

# What they are told wrong.
expect 2 run $scenario --policy pbfm:w=2
says stderr "option 'w' is '2', outside its range 0 to 1"
expect 2 run $scenario --policy pbfm:weight=1
finish
