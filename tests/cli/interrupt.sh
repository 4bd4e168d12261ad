# Runs that are cut short: SIGINT and SIGTERM leave a summary, kill -9 leaves readable files.
. "$(dirname "$0")/common.sh" "$1"

# start FOLDER: a run that would take for ever, up to its third interval.
start() {
  "$lair" run $scenario --set intervals=1000000 --out "$1" >"$work/stdout" 2>"$work/stderr" &
  run=$!
  for _ in $(seq 600); do
    [ "$(wc -l 2>/dev/null <"$1/intervals.csv" || echo 0)" -gt 3 ] && return
    sleep 0.05
  done
  fail "the run does not begin"
}

for signal in TERM INT; do
  # A job in the background ignores SIGINT unless job control is on.
  set -m
  start "$work/$signal"
  set +m
  kill -$signal $run
  wait $run
  code=$?
  [ "$code" -eq 130 ] || fail "SIG$signal ends the run with $code, not 130"
  says stderr "interrupted"
  grep -q '"completed": false' "$work/$signal/summary.json" || fail "no summary after SIG$signal"
  intervals=$(sed -n 's/.*"intervals": \([0-9]*\).*/\1/p' "$work/$signal/summary.json")
  [ "$(wc -l <"$work/$signal/intervals.csv")" -eq $((intervals + 1)) ] || fail "intervals do not agree"
  whole "$work/$signal/tasks.csv"
  expect 2 verify "$work/$signal"
  says stderr "not completed"
done

start "$work/kill"
kill -9 $run
wait $run 2>/dev/null
[ ! -e "$work/kill/summary.json" ] || fail "a killed run left a summary"
for file in intervals hosts tasks faults labels; do whole "$work/kill/$file.csv"; done
tail -n 1 "$work/kill/events.jsonl" | grep -q '}$' || fail "events.jsonl ends in mid-line"
[ -s "$work/kill/scenario.toml" ] || fail "a killed run left no scenario"
# Its folder can be used again, by another run with --force only.
expect 2 run $scenario --set intervals=3 --out "$work/kill"
says stderr "holds the unfinished result of another scenario"
expect 0 run $scenario --set intervals=3 --out "$work/kill" --force
finish
