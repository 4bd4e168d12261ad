# A policy library that ends its process in mid-run is named, and what ran before is kept.
. "$(dirname "$0")/common.sh" "$1"
library=$2
short=(--set intervals=6 --policy)

# dies HOW TEXT: by the option `how`, in the middle of the run.
dies() {
  rm -rf "$work/run"
  expect 3 run $scenario "${short[@]}" "$library:how=$1" --out "$work/run"
  says stderr "lair: policy 'misbehaving': $2"
  empty stdout
  [ -s "$work/run/scenario.toml" ] || fail "$1: scenario.toml is gone"
  [ ! -e "$work/run/summary.json" ] || fail "$1: the run counts as ended"
}
dies exit-place "scheduler, interval 0: left the process with exit(0)"
dies quick-exit-detect "detector, interval 0: left the process with exit(0)"
dies underscore-exit-decide "remediator, interval 0: left the process with exit(0)"
dies out-of-memory-decide "remediator, interval 0: was killed"
if [ -z "${LAIR_SANITIZED:-}" ]; then # a sanitizer reports crashes and exits itself
  dies abort-decide "remediator, interval 0: crashed (abort)"
  dies segfault-place "scheduler, interval 0: crashed (segmentation fault)"
  dies write-to-null-place "scheduler, interval 0: crashed (segmentation fault)"
  dies divide-detect "detector, interval 0: crashed (arithmetic)"
  dies forecast-of-null-decide "remediator, interval 0: crashed (segmentation fault), in a function of Lair"
  dies overflow-decide "remediator, interval 0: crashed (segmentation fault)"
fi

dies close-place "scheduler, interval 0: closed files that are not its own"
dies close-decide "remediator, interval 0: closed files that are not its own"
if [ -z "${LAIR_SANITIZED:-}" ]; then # there every actor is a thread, and signals may wait for another one
  dies terminate-detect "detector, interval 0: ended by SIGTERM"
  dies interrupt-decide "remediator, interval 0: ended by SIGINT"
fi

# Standard output is Lair's, whatever a policy writes there.
for where in constructor place decide learn; do
  expect 0 run $scenario "${short[@]}" "$library:how=print-$where" --out "$work/loud" --force --json
  cmp -s "$work/stdout" "$work/loud/summary.json" || fail "the policy's words stand in the JSON ($where)"
  says stderr "a word of the policy"
  says stderr "another one"
  says stderr "a third"
done
expect 0 verify "$work/loud" --json
[ "$(wc -l <"$work/stdout")" -eq 1 ] || fail "the policy's words stand in what verify says"

for how in three-expected-detect:"all their expected values" hoard-absurdly-decide:"more than 1e15 bytes"; do
  expect 3 run $scenario "${short[@]}" "$library:how=${how%%:*}" --out "$work/nonsense" --force
  says stderr "${how#*:}"
done

# A cost that no broker can pay is allowed and said.
expect 0 run $scenario "${short[@]}" "$library:how=charge-absurdly-decide" --out "$work/absurd"
says stderr "warning: policy 'misbehaving': the decision of interval 0 in lei1 is charged 1e+17 operations"
[ "$(grep -c "charged 1e+17" "$work/stderr")" -eq 1 ] || fail "said more than once"

# What a policy forks does not run on beside the run.
expect 0 run $scenario "${short[@]}" "$library:how=fork-decide" --out "$work/forks"
expect 0 run $scenario "${short[@]}" "$library" --out "$work/alone"
cmp "$work/forks/tasks.csv" "$work/alone/tasks.csv" || fail "a forked process wrote into the results"

# Learning comes after an interval: that one is kept.
dies underscore-exit-learn "learning, interval 1: left the process with exit(0)"
whole "$work/run/intervals.csv"
[ "$(wc -l <"$work/run/intervals.csv")" -eq 2 ] || fail "not the interval before"
# The folder is that of a run cut short.
expect 3 run $scenario "${short[@]}" "$library:how=underscore-exit-learn" --out "$work/run"

# With --json too.
expect 3 run $scenario "${short[@]}" "$library:how=underscore-exit-place" --out "$work/run" --force --json
says stdout '"kind": "plugin_failure", "exit_code": 3'
says stdout "policy 'misbehaving': scheduler, interval 0: left the process with exit(0)"

# compare, verify and twin say the same.
expect 3 compare $scenario --set intervals=3 --policies "none,$library:how=underscore-exit-decide" --seeds 1..2 \
  --out "$work/compare"
says stderr "lair: policy 'misbehaving': remediator, interval 0: left the process with exit(0)"
[ -s "$work/compare/none-seed2/summary.json" ] || fail "the other policy's run is gone"
if [ -z "${LAIR_SANITIZED:-}" ]; then # the exact twin forks, which sanitizers cannot follow
  expect 3 twin $scenario --intervals 3 --policy "$library:how=exit-place"
  says stderr "lair: policy 'misbehaving': scheduler, interval 0: left the process with exit(0)"
fi
if [ -z "${LAIR_SANITIZED:-}" ]; then
  for where in place detect decide learn; do
    expect 3 twin $scenario --intervals 3 --policy "$library:how=throw-$where"
    says stderr "lair: policy 'misbehaving': "
    says stderr "thrown in $where"
  done
fi
expect 0 run $scenario "${short[@]}" "$library" --out "$work/fine"
expect 0 verify "$work/fine"
sed -i 's/^\[policy\]$/&\noptions = {how = "underscore-exit-place"}/' "$work/fine/scenario.toml"
expect 3 verify "$work/fine"
says stderr "lair: policy 'misbehaving': scheduler, interval 0: left the process with exit(0)"

# One that does not come back is named while it lasts; the second signal ends the run at once.
: >"$work/stderr" # the redirection of a job comes later than the look at it below
"$lair" run $scenario "${short[@]}" "$library:how=hang-decide" --out "$work/hang" >"$work/stdout" 2>"$work/stderr" &
run=$!
for _ in $(seq 300); do [ -s "$work/stderr" ] && break; sleep 0.05; done
says stderr "lair: policy 'misbehaving': remediator, interval 0: has been computing for 5 s"
child=$(cat "/proc/$run/task/$run/children")
kill -TERM $run
sleep 0.3
kill -0 $run || fail "the first signal ended a run in mid-interval"
kill -TERM $run
wait $run
[ $? -eq 143 ] || fail "the second signal does not end the run"
kill -0 $child 2>/dev/null && fail "its child goes on"
: >"$work/stderr" # the redirection of a job comes later than the look at it below
"$lair" run $scenario "${short[@]}" "$library:how=hang-constructor" --out "$work/hang" >"$work/stdout" 2>"$work/stderr" &
run=$!
for _ in $(seq 300); do [ -s "$work/stderr" ] && break; sleep 0.05; done
says stderr "lair: policy 'misbehaving' has been under construction for 5 s; it may take 120 s"
kill -9 $run
wait $run 2>/dev/null
# Killed, it takes its child with it; told once, the child leaves a summary.
"$lair" run $scenario --set intervals=1000000 --policy "$library" --out "$work/told" >/dev/null 2>"$work/stderr" &
run=$!
for _ in $(seq 600); do [ "$(wc -l 2>/dev/null <"$work/told/intervals.csv" || echo 0)" -gt 3 ] && break; sleep 0.05; done
kill -TERM $run
wait $run
[ $? -eq 130 ] || fail "SIGTERM is no interruption"
grep -q '"completed": false' "$work/told/summary.json" || fail "no summary after SIGTERM"
finish
