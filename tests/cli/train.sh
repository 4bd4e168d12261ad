# lair train: the same bytes for the same seed, killed and taken up again too; nothing is replaced, and no
# training continued, that was not asked for; what is wrong with a trace or checkpoint is said.
. "$(dirname "$0")/common.sh" "$1"

record() { # FILE SCENARIO SEEDS
  "$lair" trace "scenarios/training/$2.toml" --seeds "$3" --set intervals=30 --out "$work/$1" >/dev/null ||
    fail "no trace $1"
}
record clean.trace config2 1
record other.trace config2 2
record faulty.trace config2-faulty 11
options=(--window 3 --width 16 --batch 20 --patience 3000 --spoilt 0.2)
epochs=3
train() { # NAME MORE...: a training to $work/NAME
  local name=$1
  shift
  train_to=("$lair" train dragon --trace "$work/clean.trace" --validate-on "$work/faulty.trace"
    --out "$work/$name" "${options[@]}" --epochs $epochs "$@")
}
expect_train() { # CODE NAME MORE...
  local code=$1
  shift
  train "$@"
  expect "$code" "${train_to[@]:1}"
}
# The same model, the command and the names of its files apart.
same_model() {
  sed -E 's/"(command|file|checksum)": .*//' "$work/$1.json" >"$work/left"
  sed -E 's/"(command|file|checksum)": .*//' "$work/$2.json" >"$work/right"
  cmp -s "$work/left" "$work/right" && cmp -s "$work/$1".*.safetensors "$work/$2".*.safetensors
}

expect_train 0 one
empty stderr
says stdout "epoch   3  loss"
[ "$(grep -c '^epoch' "$work/stdout")" -eq 3 ] || fail "an epoch is not told"
grep -qE '^epoch +1 .*F1 [0-9.]+  AUPR 0\.[0-9]+  \*$' "$work/stdout" || fail "an epoch lacks F1 or AUPR"
[ -e "$work/one.json.checkpoint" ] && fail "the checkpoint of a completed training is still there"
for text in '"seed": "1"' "lair train dragon --trace $work/clean.trace" '"best_epoch"' "config2 (" \
            '"validation_aupr"' '"spoilt": "0.2"'; do
  grep -qF -- "$text" "$work/one.json" || fail "the model does not say '$text'"
done
expect_train 0 two --json
empty stderr
says stdout '"epochs": [{"epoch": 1, "loss":'
same_model one two || fail "the same training gives other bytes"
expect_train 0 three --seed 2
same_model one three && fail "another seed gives the same model"

# The model runs, on another number of hosts too.
expect 0 run $scenario --set intervals=2 --set 'policy.detector="gon"' --set "policy.options.model=\"$work/one.json\"" \
  --set policy.options.window=3 --out "$work/run"
expect 0 run scenarios/ftsad.toml --set intervals=2 --set 'policy.detector="gon"' \
  --set "policy.options.model=\"$work/one.json\"" --set policy.options.window=3 --out "$work/run10"

# Killed at any time, then taken up again: the bytes of a training that nothing has stopped.
for after in 0.7 1.1; do
  rm -f "$work"/killed.*
  train killed --resume
  "${train_to[@]}" >"$work/stdout" 2>"$work/stderr" &
  process=$!
  sleep $after
  kill -9 $process 2>/dev/null
  wait $process 2>/dev/null
  expect_train 0 killed --resume
  empty stderr
  same_model one killed || fail "killed after $after s and resumed it gives other bytes"
done
# Killed between two epochs for certain: as soon as there is a checkpoint.
rm -f "$work"/killed.*
epochs=40
train killed
"${train_to[@]}" >"$work/stdout" 2>"$work/stderr" &
process=$!
for _ in $(seq 600); do [ -e "$work/killed.json.checkpoint" ] && break; sleep 0.05; done
kill -9 $process 2>/dev/null
wait $process 2>/dev/null
[ -e "$work/killed.json.checkpoint" ] || fail "no checkpoint after an epoch"
epochs=3
expect_train 2 killed
says stderr "cut short"
says stderr "--resume"
expect_train 2 killed --resume
says stderr "epochs: was '40' when this training began and is '3' now"
epochs=40
expect_train 2 killed --resume --seed 3
says stderr "seed: was '1'"
train killed --resume
expect 2 "${train_to[@]:1}" --trace "$work/other.trace"
says stderr "traces: was"
for damage in "cut off" "does not hold what was written"; do
  cp "$work/killed.json.checkpoint" "$work/kept"
  if [ "$damage" = "cut off" ]; then
    truncate -s -5 "$work/killed.json.checkpoint"
  else
    printf '\377' | dd of="$work/killed.json.checkpoint" bs=1 seek=9000 conv=notrunc 2>/dev/null
  fi
  expect_train 2 killed --resume
  says stderr "$damage"
  mv "$work/kept" "$work/killed.json.checkpoint"
done
# A signal that can be caught ends it at once, with 130, and it can be taken up.
epochs=2000
train stopped
"${train_to[@]}" >"$work/stdout" 2>"$work/stderr" &
process=$!
for _ in $(seq 600); do [ -e "$work/stopped.json.checkpoint" ] && break; sleep 0.05; done
kill -TERM $process
wait $process
[ $? -eq 130 ] || fail "an interrupted training does not end with 130"
says stderr "go on with --resume"
[ -e "$work/stopped.json" ] && fail "an interrupted training wrote a model"

epochs=2
# What is there stays there, whole.
cp "$work/one.json" "$work/before"
expect_train 2 one
says stderr "is there already"
cmp -s "$work/one.json" "$work/before" || fail "a refused training has changed the model"
expect_train 0 one --force --seed 5
[ "$(ls "$work"/one.*.safetensors | wc -l)" -eq 1 ] || fail "the replaced model's numbers are still there"

# Two at once: one is told.
"$lair" train dragon --trace "$work/clean.trace" --out "$work/twice" --window 3 --epochs 200 --patience 200 >/dev/null 2>&1 &
first=$!
for _ in $(seq 100); do [ -e "$work/twice.json.lock" ] && break; sleep 0.05; done
expect 2 train dragon --trace "$work/clean.trace" --out "$work/twice" --window 3 --force
says stderr "another training is writing"
kill -9 $first
wait $first 2>/dev/null
rm -f "$work"/twice*
expect 2 train dragon --trace "$work" --out "$work/x"
says stderr "is a folder"

# Wrong input.
cp "$work/clean.trace" "$work/cut.trace"
truncate -s -9 "$work/cut.trace"
expect 2 train dragon --trace "$work/cut.trace" --out "$work/x"
says stderr "cut.trace"
says stderr "cut off"
expect 2 train dragon --trace "$work/none.trace" --out "$work/x"
says stderr "none.trace"
expect 2 train dragon --trace "$work/faulty.trace" --out "$work/x" --window 3
says stderr "faulty host-intervals"
expect 2 train dragon --trace "$work/clean.trace" --validate-on "$work/other.trace" --out "$work/x" --window 3
says stderr "no faulty host-interval"
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x"
says stderr "too few for windows of 10"
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 11
says stderr "fewer than --window 11"
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --metrics cpu,alive
says stderr "'alive' is no metric"
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --head round
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --detector colour=red
says stderr "colour"
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --detector climber=steps
for option in look_ahead=5 model=x ablation=no-topology window=5; do # kept in the model, and never asked for
  expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --detector $option
  says stderr "'${option%=*}' cannot be a model's default"
done
for option in risk=7 rate=nan rate=-5 probes=0 first=-1 steps=1.5; do
  expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 --detector $option
done
for option in "--rate nan" "--decay nan" "--spoilt nan" "--rate inf"; do
  expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --window 3 $option
done
expect 2 train dragon --out "$work/x"
expect 2 train carol --trace "$work/clean.trace" --out "$work/x"
expect 2 train awgg --trace "$work/clean.trace" --out "$work/x" --width 16
says stderr "is an option of dragon's network, not of awgg's"
for option in colour=1 sparsity=2 layer1=1.5 layer1=no layer1; do
  expect 2 train awgg --trace "$work/clean.trace" --out "$work/x" --option $option
  says stderr "${option%%=*}"
done
expect 2 train dragon --trace "$work/clean.trace" --out "$work/x" --option hidden=3
says stderr "dragon has no option 'hidden'"
expect 2 train topomad --trace "$work/clean.trace" --out "$work/x" --window 3 --detector membership=0.9
says stderr "'membership' cannot be a model's default"
ls "$work"/x* >/dev/null 2>&1 && fail "a refused training wrote something"

# The other kinds: the same bytes twice, and killed after an epoch and taken up again; the model runs, on another
# number of hosts too; one kind's model is not another's.
for what in awgg topomad stepgan; do
  other() { # NAME MORE...
    local name=$1
    shift
    train_to=("$lair" train $what --trace "$work/clean.trace" --window 3 --seed 4 --batch 8 --patience 1000
      --out "$work/$what-$name" "${few[@]}" "$@")
  }
  epochs=8
  [ $what = stepgan ] && epochs=2 few=(--option images=100) || few=()
  other one --epochs $epochs --validate-on "$work/faulty.trace" --detector risk=0.01
  expect 0 "${train_to[@]:1}"
  grep -qE '^epoch +1 .*F1 [0-9.]+  AUPR 0\.[0-9]+  \*$' "$work/stdout" || fail "$what: an epoch lacks F1 or AUPR"
  for text in "\"format\": \"lair-$what\"" "lair train $what --trace" '"best_epoch"' '"validation_aupr"' \
              '"detector.risk": "0.01"' '"checksum"' '"option.'; do
    grep -qF -- "$text" "$work/$what-one.json" || fail "$what: the model does not say '$text'"
  done
  other two --epochs $epochs --validate-on "$work/faulty.trace" --detector risk=0.01
  expect 0 "${train_to[@]:1}"
  same_model $what-one $what-two || fail "$what: the same training gives other bytes"
  other killed --epochs $epochs --validate-on "$work/faulty.trace" --detector risk=0.01
  "${train_to[@]}" >"$work/stdout" 2>"$work/stderr" &
  process=$!
  for _ in $(seq 1200); do [ -e "$work/$what-killed.json.checkpoint" ] && break; sleep 0.02; done
  kill -9 $process 2>/dev/null
  wait $process 2>/dev/null
  if [ ! -e "$work/$what-killed.json" ]; then # else it was faster than the kill
    expect 2 "${train_to[@]:1}" --resume --rate 0.5
    [ $what = stepgan ] && was=1e-04 || was=0.001
    says stderr "rate: was '$was'"
  fi
  [ -e "$work/$what-killed.json" ] || expect 0 "${train_to[@]:1}" --resume
  same_model $what-one $what-killed || fail "$what: killed and resumed it gives other bytes"
  for scene in $scenario scenarios/ftsad.toml; do
    expect 0 run $scene --set intervals=3 --set "policy.detector=\"$what\"" \
      --set "policy.options.model=\"$work/$what-one.json\"" --out "$work/$what-run"
    rm -rf "$work/$what-run"
  done
  expect 2 run $scenario --set 'policy.detector="gon"' --set "policy.options.model=\"$work/$what-one.json\"" --out "$work/x"
  says stderr "not a GON"
done
finish
