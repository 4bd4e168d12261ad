# lair trace: one file for several runs, the same bytes at any -j, nothing lost without a word.
. "$(dirname "$0")/common.sh" "$1"

faulty=scenarios/training/config3-faulty.toml
expect 0 trace $faulty --seeds 4,2,7 --set intervals=12 --out "$work/a/two.trace" -j 2
empty stderr
says stdout "3 runs of config3-faulty (16 hosts), 12 intervals each"
says stdout "of 576 host-intervals faulty"
expect 0 trace $faulty --seeds 4,2,7 --set intervals=12 --out "$work/one.trace" -j 1
cmp -s "$work/a/two.trace" "$work/one.trace" || fail "-j changes a byte"
expect 0 trace $faulty --seeds 2,4,7 --set intervals=12 --out "$work/other.trace"
cmp -s "$work/other.trace" "$work/one.trace" && fail "the order of the seeds is lost"
expect 0 trace $faulty --seeds 4 --set intervals=12 --policy overload-migration --out "$work/policy.trace" --json
empty stderr
says stdout '"hosts": 16, "seeds": [4], "intervals": 12'
grep -aq '"policy":"overload-migration"' "$work/policy.trace" || fail "the policy is not in the file"
grep -aq '"seeds":"4,2,7"' "$work/one.trace" || fail "the seeds are not in the file"

# What is there stays there.
cp "$work/one.trace" "$work/before"
expect 2 trace $faulty --seeds 1 --set intervals=2 --out "$work/one.trace"
says stderr "is there already"
cmp -s "$work/one.trace" "$work/before" || fail "a refused recording has changed a file"
expect 0 trace $faulty --seeds 1 --set intervals=2 --out "$work/one.trace" --force
cmp -s "$work/one.trace" "$work/before" && fail "--force has not replaced the file"
expect 2 trace $faulty --out "$work"
says stderr "is a folder"

expect 2 trace $faulty
expect 2 trace $faulty --seeds 3..1 --out "$work/x.trace"
expect 2 trace does-not-exist.toml --out "$work/x.trace"
expect 2 trace $faulty --set faults.rate=-1 --policy no-such-policy --out "$work/x.trace"
says stderr "faults.rate"
says stderr "no-such-policy"
[ -e "$work/x.trace" ] && fail "a refused recording wrote a file"

# Told to stop, it stops its runs and writes nothing.
for seeds in 1 1..40; do
  "$lair" trace $faulty --seeds $seeds --set intervals=100000 --out "$work/x.trace" >"$work/stdout" 2>"$work/stderr" &
  process=$!
  sleep 1
  kill -TERM $process
  wait $process
  [ $? -eq 130 ] || fail "an interrupted recording does not end with 130"
  empty stdout
  says stderr "interrupted; nothing was written"
  [ -e "$work/x.trace" ] && fail "an interrupted recording wrote a file"
done
finish
