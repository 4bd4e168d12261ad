# The front end of lair sweep --slurm, and lair point, with programs in Slurm's place that do as it
# would: what they are told, tries, failures, a job that is cancelled, one that is still there.
. "$(dirname "$0")/common.sh" "$1"
lair=$(realpath "$lair")
mkdir "$work/bin" "$work/queue"
export PATH=$work/bin:$PATH QUEUE=$work/queue
# The array runs at once, one task after the other; `again` asks for a task a second time.
cat > "$work/bin/sbatch" <<'END'
#!/bin/bash
printf '%s\n' "$@" >"$QUEUE/words"
[ ! -e "$QUEUE/refuse" ] || { echo "sbatch: error: no such partition" >&2; exit 1; }
last=$(printf '%s\n' "$@" | sed -n 's/^--array=0-\([0-9]*\).*/\1/p')
job=${!#}
touch "$QUEUE/running"
set -m # a group of its own, for scancel
(for task in $(seq 0 "$last"); do
  for try in 0 1 2 3 4; do
    rm -f "$QUEUE/again"
    SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=$task SLURM_RESTART_COUNT=$try sh "$job" >>"$QUEUE/log" 2>&1
    [ -e "$QUEUE/again" ] || break
  done
done; [ -e "$QUEUE/stay" ] || rm -f "$QUEUE/running") >/dev/null 2>&1 &
echo $! >"$QUEUE/group"
echo "7;cluster"
END
cat > "$work/bin/squeue" <<'END'
#!/bin/sh
[ ! -e "$QUEUE/running" ] || echo "R None"
END
cat > "$work/bin/scontrol" <<'END'
#!/bin/sh
[ "$1" = show ] && { echo "MaxArraySize            = 4"; exit 0; }
echo "$*" >>"$QUEUE/requeued"
touch "$QUEUE/again"
kill "$PPID" # as Slurm ends the task
END
printf '#!/bin/sh\necho "$*" >"$QUEUE/cancelled"\nrm -f "$QUEUE/running"\nkill -- "-$(cat "$QUEUE/group")"\n' > "$work/bin/scancel"
chmod +x "$work"/bin/*
small_sweep 1..3 5 > "$work/small.toml"
expect 0 sweep "$work/small.toml" -j 2 --out "$work/here" --json
here=$(digest)

# Six points in the four tasks that the cluster takes; what sbatch is told, ours last.
there="$work/it's 100% there"
expect 0 sweep "$work/small.toml" --slurm -j 3 --sbatch-args="--partition='the long one' --mem=2G" --out "$there" --json
[ "$here" = "$(digest)" ] || fail "Slurm changes the content"
same "$work/here/runs" "$there/runs"
says stderr "Slurm job 7: 4 tasks for 6 points"
for word in "--partition=the long one" --mem=2G --requeue --array=0-3%3 "--chdir=$PWD" \
  "--output=$work/it's 100%% there/slurm/log/%A_%a.txt"; do
  grep -qxF -- "$word" "$QUEUE/words" || fail "sbatch is not told $word: $(cat "$QUEUE/words")"
done
[ ! -e "$there/slurm/job" ] || fail "the job counts as being there"
expect 0 sweep "$work/small.toml" --slurm --resume --out "$there" --json
empty stderr
expect 0 sweep "$work/small.toml" --slurm --force --array-tasks 2 --out "$there" --json
says stderr "2 tasks for 6 points"
[ "$here" = "$(digest)" ] || fail "another number of tasks changes the content"

# A job that is still there is not run a second time, and waited for.
echo 7 > "$there/slurm/job"
touch "$QUEUE/running"
expect 2 sweep "$work/small.toml" --resume --out "$there"
says stderr "Slurm job 7 of this sweep is still there"
expect 2 sweep "$work/small.toml" --slurm --force --out "$there"
expect 0 sweep "$work/small.toml" --resume --slurm --out "$there"
says stderr "waiting for it"
rm -f "$QUEUE/running"

# An interrupt cancels the job; what is done stays, and the rest is run here.
touch "$QUEUE/stay"
"$lair" sweep "$work/small.toml" --slurm --set intervals=20000 --out "$work/int" >"$work/stdout" 2>"$work/stderr" &
front=$!
for _ in $(seq 200); do [ -e "$work/int/slurm/job" ] && break; sleep 0.05; done
kill -INT $front
wait $front
code=$?
[ $code = 130 ] || fail "an interrupted sweep ended with $code"
says stderr "job 7 is cancelled"
says stderr "go on with --resume, with or without --slurm"
grep -qx 7 "$QUEUE/cancelled" || fail "nothing was cancelled"
for _ in $(seq 100); do
  pgrep -g "$(cat "$QUEUE/group")" >/dev/null || break
  sleep 0.1
done
pgrep -g "$(cat "$QUEUE/group")" >/dev/null && fail "a point goes on after it was told to end"
rm -f "$QUEUE/stay"

# A failure is recorded with its message, becomes one of the sweep, and is tried again.
expect 1 point "$work/small.toml" --index 0 --set intervals=200000 --time-limit "200 ms" --out "$work/slow"
says stderr "the time limit"
grep -q "^timeout " "$work"/slow/points/* || fail "no record of the time limit: $(cat "$work"/slow/points/*)"
expect 1 sweep "$work/small.toml" --set sweep.seeds=1 --set intervals=200000 --time-limit "200 ms" --slurm --out "$work/slow" --json
says stdout '"done": 0, "failed": 2'
says stderr "was ended: the time limit"
says stderr "1 task for 1 point"
[ ! -e "$QUEUE/requeued" ] || fail "a run over its time is tried again at once"
# 75: the file system failed. Three more tries, then the failure is the sweep's, and no point is lost.
rm -rf "$work/full" "$QUEUE/log"
mkdir "$work/full"
expect 75 point "$work/small.toml" --index 0 --out /proc/nowhere
(ulimit -f 1; exec "$lair" point "$work/small.toml" --index 0 --out "$work/full") >"$work/stdout" 2>"$work/stderr"
code=$?
[ $code = 75 ] || fail "a full disk ends a point with $code"
grep -q "^again 1 " "$work"/full/points/* || fail "no record of a full disk"
sed -i 's|^for task|ulimit -f 1; for task|; s|^(for task|(ulimit -f 1; for task|' "$work/bin/sbatch"
expect 1 sweep "$work/small.toml" --set sweep.seeds=1 --slurm --out "$work/disk" --json
says stdout '"done": 0, "failed": 2'
[ "$(grep -cx "requeue 7_0" "$QUEUE/requeued")" = 3 ] || fail "tries: $(cat "$QUEUE/requeued")"
sed -i 's|ulimit -f 1; ||' "$work/bin/sbatch"
expect 0 sweep "$work/small.toml" --set sweep.seeds=1 --slurm --resume --out "$work/disk" --json
says stdout '"done": 2, "failed": 0'

# Tasks that Slurm holds back when all points are in would wait for ever.
rm -f "$QUEUE/cancelled"
sed -i 's|echo "R None"|echo "R None"; [ ! -e "$QUEUE/hold" ] \|\| echo "PD JobHeldAdmin"|' "$work/bin/squeue"
touch "$QUEUE/hold" "$QUEUE/stay"
expect 0 sweep "$work/small.toml" --slurm --out "$work/held" --json
grep -qx 7 "$QUEUE/cancelled" || fail "held tasks are left in the queue"
rm -f "$QUEUE/hold" "$QUEUE/stay" "$QUEUE/running"

# What is wrong.
touch "$QUEUE/refuse"
expect 2 sweep "$work/small.toml" --slurm --out "$work/refused"
says stderr "sbatch: error: no such partition"
rm "$QUEUE/refuse"
expect 0 sweep "$work/small.toml" --slurm --out "$work/refused" --json # nothing has run: it needs no --resume
[ "$here" = "$(digest)" ] || fail "a refused job changes the content"
expect 2 sweep "$work/small.toml" --slurm --out "$work/refused"
says stderr "holds this sweep already"
expect 2 sweep "$work/small.toml" --slurm --sbatch-args="--mem='2G" --out "$work/refused2"
says stderr "cannot be split into words"
expect 2 sweep "$work/small.toml" --array-tasks 2 --out "$work/refused3"
PATH=/nowhere "$lair" sweep "$work/small.toml" --slurm --out "$work/none" 2>"$work/stderr"
[ $? -eq 2 ] || fail "no Slurm is no error"
says stderr "there is no program scontrol"
finish
