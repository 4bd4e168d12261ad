# lair sweep --slurm on a real Slurm that this script starts for itself: one controller and four nodes
# on this computer, under a temporary folder, all of it ended at the end. One node dies in mid-sweep.
# Needs root and the Debian packages slurmctld, slurmd, slurm-client and munge; else skipped (77).
. "$(dirname "$0")/common.sh" "$1"
lair=$(realpath "$lair")

skip() {
  echo "skipped: $*" >&2
  exit 77
}
[ "$(id -u)" -eq 0 ] || skip "not root: slurmd and munged of one's own need it"
for program in slurmctld slurmd sbatch squeue scontrol munged; do
  PATH=$PATH:/usr/sbin command -v $program >/dev/null || skip "there is no $program: apt install slurmctld slurmd slurm-client munge"
done
PATH=$PATH:/usr/sbin

# Everything of Slurm's lies in here; processes are known by the path of its configuration.
s=$work/slurm
nodes=4
export SLURM_CONF=$s/slurm.conf

# ours: the processes of this Slurm, its jobs' included. Name, environment or arguments name the folder.
ours() {
  local process
  for process in /proc/[0-9]*; do
    [ "${process#/proc/}" = $$ ] && continue
    case $(cat "$process/comm" 2>/dev/null) in
      slurmctld | slurmd | slurmstepd | slurmscriptd | munged) ;;
      *) grep -qzF "SLURM_JOB_ID=" "$process/environ" 2>/dev/null || continue ;;
    esac
    grep -qzF "$s" "$process/environ" "$process/cmdline" 2>/dev/null && echo "${process#/proc/}"
  done
}
tear_down() {
  local process tries
  [ -e "$s/slurm.conf" ] && timeout 10 scancel -Q --user=root 2>/dev/null
  for tries in 1 2 3; do
    process=$(ours)
    [ -n "$process" ] || break
    kill -9 $process
    sleep 0.2
  done 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap tear_down EXIT
trap 'exit 1' INT TERM HUP

start_slurm() {
  local host port node
  host=$(hostname -s)
  port=$((20000 + $$ % 10000))
  chmod 755 "$work" # Munge asks for folders that everybody can enter
  mkdir -p "$s"/{state,spool,log,run}
  (umask 077; head -c 128 /dev/urandom >"$s/munge.key")
  # In the foreground, as children: nothing of them stays, not even a zombie where process 1 reaps none.
  munged --foreground --force --key-file="$s/munge.key" --socket="$s/run/munge.sock" --pid-file="$s/run/munged.pid" \
    --log-file="$s/log/munged.log" --seed-file="$s/munge.seed" &
  for _ in $(seq 50); do [ -S "$s/run/munge.sock" ] && break; sleep 0.1; done
  {
    cat <<CONF
ClusterName=lairtest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$s/run/munge.sock,cred_expire=5
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=2
MessageTimeout=3
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
PropagateResourceLimits=NONE
ReturnToService=2
SlurmdTimeout=6
KillWait=2
InactiveLimit=0
MaxArraySize=1001
StateSaveLocation=$s/state
SlurmdSpoolDir=$s/spool/%n
SlurmctldPidFile=$s/run/slurmctld.pid
SlurmdPidFile=$s/run/slurmd.%n.pid
SlurmctldLogFile=$s/log/slurmctld.log
SlurmdLogFile=$s/log/slurmd.%n.log
CONF
    for node in $(seq $nodes); do
      echo "NodeName=w$node NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + node)) CPUs=1 State=UNKNOWN"
    done
    echo "PartitionName=sweep Nodes=ALL Default=YES MaxTime=INFINITE State=UP"
  } >"$SLURM_CONF"
  slurmctld -D -f "$SLURM_CONF" -c &
  for node in $(seq $nodes); do
    mkdir -p "$s/spool/w$node"
    slurmd -D -f "$SLURM_CONF" -N w$node &
  done
  for _ in $(seq 200); do
    [ "$(sinfo -h -N -o %t 2>/dev/null | grep -c idle)" = $nodes ] && return 0
    sleep 0.1
  done
  return 1
}
start_slurm >"$work/start" 2>&1 || {
  cat "$work/start" "$s"/log/*.log 2>/dev/null | tail -20 >&2
  skip "a private Slurm does not start here"
}

# tree_of KEEPER: the process and all that it has started, youngest last.
tree_of() {
  local next=$1 all=()
  while [ -n "$next" ]; do
    all+=($next)
    next=$(pgrep -P "$(echo $next | tr ' ' ,)")
  done
  echo "${all[@]}"
}

# kill_node NAME JOB TASK: as if its power were cut: its slurmd, the keeper of this job and all that
# the keeper has started. They are stopped first and looked at then: a task without two points or more
# still to do is let go on, and it is no victim.
kill_node() {
  local keeper daemon own tree
  daemon=$(pgrep -fx "slurmd -D -f $SLURM_CONF -N $1")
  for keeper in $(pgrep -f "^slurmstepd: \[$2\."); do
    grep -qzF "$s" "/proc/$keeper/environ" 2>/dev/null && own=$keeper
  done
  [ -n "$daemon" ] && [ -n "${own:-}" ] || return 1
  kill -STOP $(tree_of "$own") 2>/dev/null
  tree=$(tree_of "$own") # what was started meanwhile
  kill -STOP $tree 2>/dev/null
  # The number that the task writes is that of the points behind it; one more may just have ended.
  if [ "$(cat "$work/there/slurm/tasks/$3" 2>/dev/null || echo 0)" -gt $((points_per_task - 2)) ] ||
     ! pgrep -P "$own" >/dev/null; then
    kill -CONT $tree 2>/dev/null
    return 1
  fi
  kill -9 "$daemon" $tree 2>/dev/null # some end with another
  return 0
}

small_sweep 1..4 600 > "$work/small.toml"
cat >> "$work/small.toml" <<TOML
[sweep.axes]
faults.rate = [0.5, 1, 1.5, 2, 2.5, 3]
TOML
points=48 points_per_task=6
expect 0 sweep "$work/small.toml" -j 2 --out "$work/here" --json
here=$(digest)
[ -n "$here" ] || fail "no digest"

# Eight tasks of six points on four nodes; one that is at work dies when some points are done.
"$lair" sweep "$work/small.toml" --slurm --array-tasks 8 --out "$work/there" --json >"$work/stdout" 2>"$work/stderr" &
front=$!
victim=''
kill_any() {
  local node job task
  while read -r node job task; do
    kill_node "$node" "$job" "$task" && victim=$node && return 0
  done < <(squeue -h -t R -o "%N %A %K")
  return 1
}
for _ in $(seq 600); do
  [ "$(ls "$work/there/points" 2>/dev/null | wc -l)" -ge 6 ] && kill_any && break
  kill -0 $front 2>/dev/null || break
  sleep 0.1
done
[ -n "$victim" ] || fail "nothing could be killed in mid-sweep"
at_death=$(ls "$work/there/points" | wc -l)
# Another front end finds the job, and does not run the same points here.
expect_other() {
  "$lair" sweep "$work/small.toml" --out "$work/there" --resume >"$work/other" 2>&1
  [ $? -eq 2 ] || fail "two front ends"
}
expect_other
wait $front
code=$?
[ $code -eq 0 ] || { fail "the sweep ended with $code"; cat "$work/stderr" "$work"/there/slurm/log/* | tail -20 >&2; }
[ "$here" = "$(digest)" ] || fail "Slurm changes the content"
same "$work/here/runs" "$work/there/runs"
[ "$at_death" -lt $points ] || fail "the node died too late: $at_death points were done"
says stderr "8 tasks for $points points"
grep -q "due to failure of node $victim" "$s/log/slurmctld.log" || fail "Slurm did not notice the death of $victim"

# Nothing to do any more: no job.
expect 0 sweep "$work/small.toml" --slurm --out "$work/there" --resume --json
[ "$here" = "$(digest)" ] || fail "resuming changes the content"
empty stderr
for _ in $(seq 300); do # what has ended is still being put away
  [ -z "$(squeue -h)" ] && break
  sleep 0.1
done
[ -z "$(squeue -h)" ] || fail "a job is left"
finish
