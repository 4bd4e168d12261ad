# A sweep of a learned policy, killed in every way: its front end, the process that has LibTorch loaded, the other one,
# a run, the first of them stopped. Resumed, it is what it would have been.
. "$(dirname "$0")/common.sh" "$1"
small_sweep 1..3 40 | sed 's/^policies.*/policies = ["none", "dragon"]/' >"$work/learned.toml"
printf '[sweep.axes]\n"dragon:rate" = [1e-3, 3e-3]\n' >>"$work/learned.toml"
expect 0 sweep "$work/learned.toml" -j 2 --out "$work/quiet" --json
says stdout '"points": 9, "done": 9'
quiet=$(digest)
count() { ls "$work/$1"/runs/*/summary.json 2>/dev/null | wc -l; }

# start NAME: a sweep in the background; until a learned run is under way.
start() {
  "$lair" sweep "$work/learned.toml" -j 2 --out "$work/$1" --resume --json >"$work/stdout" 2>"$work/stderr" &
  sweep=$!
  server=$(fork_server $sweep --learned)
  until grep -qs '"dragon"' "$work/$1"/runs/*/scenario.toml || ! kill -0 $sweep 2>/dev/null; do sleep 0.05; done
}
# ends NAME WHAT: whatever became of it, resumed it has the same content and the same files.
ends() {
  expect 0 sweep "$work/learned.toml" -j 2 --out "$work/$1" --resume --json
  [ "$quiet" = "$(digest)" ] || fail "$2: other content"
  same "$work/$1/runs" "$work/quiet/runs"
}

for try in 1 2 3; do
  start front
  kill -9 $sweep 2>/dev/null || fail "the sweep ended before it could be killed"
  wait $sweep 2>/dev/null
  # All that it had started ends with it.
  for attempt in $(seq 100); do
    [ -d "/proc/$server" ] || break
    sleep 0.1
  done
  [ ! -d "/proc/$server" ] || fail "a killed sweep leaves its fork server"
done
[ "$(count front)" -lt 9 ] || fail "nothing was left to resume"
ends front "front end killed"

for signal in KILL STOP; do
  start "server-$signal"
  kill -$signal $server || fail "no fork server of learned policies got SIG$signal"
  wait $sweep || fail "SIG$signal to its fork server ended a sweep with $?"
  says stderr "the process that starts the runs was killed or does nothing"
  [ "$quiet" = "$(digest)" ] || fail "SIG$signal to its fork server: other content"
  same "$work/server-$signal/runs" "$work/quiet/runs"
done

start child
victim=
until [ -n "$victim" ] || ! kill -0 $sweep 2>/dev/null; do
  victim=$(cut -d' ' -f1 /proc/$server/task/$server/children 2>/dev/null)
done
kill -9 $victim || fail "there was no run to kill"
wait $sweep
[ $? = 1 ] || fail "a sweep with a killed run did not end with 1"
says stdout '"done": 8, "failed": 1'
says stdout '"status": "failed", "message": "ended by signal 9"'
ends child "run killed"
finish
