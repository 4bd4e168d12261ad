# Options of policies: whose they are, and how a comparison gives them.
. "$(dirname "$0")/common.sh" "$1"
cat >"$work/tuned.toml" <<'END'
intervals = 5
platform = "pi-config2"
workload = "aiotbench"
[policy]
name = "overload-migration"
scheduler = "round-robin"
[policy.options]
cooldown = 2
END

# What the file says of its own policy is not for another one.
expect 0 compare "$work/tuned.toml" --policies none,overload-migration --seeds 1 --out "$work/out"
grep -q 'scheduler = "round-robin"' "$work/out/overload-migration-seed1/scenario.toml" || fail "its own lost its scheduler"
grep -q 'cooldown = "2"' "$work/out/overload-migration-seed1/scenario.toml" || fail "its own lost its options"
grep -q 'round-robin\|cooldown' "$work/out/none-seed1/scenario.toml" && fail "none got them too"
expect 0 run "$work/tuned.toml" --policy none --out "$work/none"
grep -q 'round-robin\|cooldown' "$work/none/scenario.toml" && fail "none got them too (run)"
same "$work/none" "$work/out/none-seed1"

# Options for one policy of a comparison; the same policy twice, apart by its options.
expect 0 compare "$work/tuned.toml" --seeds 1..2 --out "$work/two" \
  --policies overload-migration,overload-migration:cooldown=5:moves=1,none
says stdout "overload-migration:cooldown=5:moves=1 against overload-migration"
run=$work/two/overload-migration-cooldown-5-moves-1-seed2/scenario.toml
grep -q 'cooldown = "5"' "$run" && grep -q 'moves = "1"' "$run" || fail "the options did not arrive"
grep -q 'cooldown = "2"' "$work/two/overload-migration-seed2/scenario.toml" || fail "they went to the other too"
cp -r "$work/two" "$work/before"
expect 0 compare "$work/tuned.toml" --seeds 1..2 --out "$work/two" --resume \
  --policies overload-migration,overload-migration:cooldown=5:moves=1,none
same "$work/before" "$work/two"
expect 0 run "$work/tuned.toml" --policy overload-migration:cooldown=5:moves=1 --seed 2 --out "$work/alone"
same "$work/alone" "$work/two/overload-migration-cooldown-5-moves-1-seed2"
# --set of a role is for all of them.
expect 0 compare "$work/tuned.toml" --policies none,overload-migration --seeds 1 --out "$work/roles" \
  --set policy.scheduler=first-fit
for policy in none overload-migration; do
  grep -q 'scheduler = "first-fit"' "$work/roles/$policy-seed1/scenario.toml" || fail "$policy: another scheduler"
done
# A role behind a policy is for it alone.
expect 0 compare "$work/tuned.toml" --seeds 1 --out "$work/mixed" \
  --policies none:detector=temperature:remediator=overload-migration:cooldown=1,none
grep -q 'detector = "temperature"' "$work/mixed/none-detector-temperature-remediator-overload-migration-cooldown-1-seed1/scenario.toml" ||
  fail "no other detector"
grep -q 'detector = "temperature"' "$work/mixed/none-seed1/scenario.toml" && fail "a role of another policy"

# Wrong ones are found before anything runs.
expect 2 compare "$work/tuned.toml" --policies none,none:detector=colour --out "$work/no"
says stderr "policy.detector: unknown detector 'colour'"
expect 2 compare "$work/tuned.toml" --policies none,overload-migration:colour=2 --out "$work/no"
says stderr "colour"
expect 2 compare "$work/tuned.toml" --policies none:cooldown=2 --out "$work/no"
says stderr "policy 'none' takes no such option"
expect 2 compare "$work/tuned.toml" --policies none:cooldown --out "$work/no"
says stderr "NAME:option=value"
expect 2 compare "$work/tuned.toml" --policies :a=1 --out "$work/no"
expect 2 compare "$work/tuned.toml" --policies none,none --out "$work/no"
says stderr "stands there twice"
expect 2 compare "$work/tuned.toml" --policies none,overload-migration --set policy.options.cooldown=3 --out "$work/no"
says stderr "--policies NAME:option=value"
expect 2 compare "$work/tuned.toml" --policies none,fdmr --set overhead.mode=paper --out "$work/no"
says stderr "Table III has no memory for policy 'fdmr'"
[ ! -e "$work/no" ] || fail "something ran"

# A result made with a library: verified from any folder, and the library's place is in cost.json only.
library=${2:-}
if [ -n "$library" ]; then
  program=$(readlink -f "$lair")
  tree=$PWD
  mkdir -p "$work/home/policies" "$work/elsewhere"
  cp "$library" "$work/home/policies/mine.so"
  cd "$work/home"
  expect 0 run "$work/tuned.toml" --policy policies/mine.so --out "$work/plugged"
  cd "$work/elsewhere"
  lair=$program
  grep -rqF "$work/home" "$work/plugged" --include='*' --exclude=cost.json && fail "the path stands in a result"
  says plugged/cost.json "\"path\": \"$work/home/policies/mine.so\""
  expect 0 verify "$work/plugged"
  says stdout "the same bytes"
  empty stderr
  mv "$work/home" "$work/moved"
  expect 2 verify "$work/plugged" # nowhere to be found
  cd "$work/moved"
  expect 0 verify "$work/plugged" # where the scenario names it
  echo >>policies/mine.so
  mv "$work/moved" "$work/home"
  cd "$work/home"
  expect 0 verify "$work/plugged"
  says stderr "has changed since it made the result"
  cd "$tree"
fi
# Fractions, twice the same, and two policies that would share a folder.
expect 2 run $scenario --policy overload-migration:moves=1.5 --out "$work/f"
says stderr "not a whole number"
expect 2 run $scenario --policy overload-migration:moves=1:moves=2 --out "$work/f"
says stderr "sets 'moves' twice"
expect 2 compare $scenario --set intervals=2 --seeds 1 --out "$work/f" \
  --policies overload-migration:fill=1:cooldown=2,overload-migration:fill=1-cooldown=2
expect 0 compare $scenario --set intervals=2 --seeds 1 --out "$work/g" \
  --policies none,overload-migration:fill=1e-1,overload-migration:fill=1e+1
[ -d "$work/g/overload-migration-fill-1e+1-seed1" ] || fail "no folder of its own"
finish
