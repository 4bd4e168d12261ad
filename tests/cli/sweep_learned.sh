# Sweeps of learned policies: the same bytes as runs of their own, and what depends on a model is run again when the
# model changes.
. "$(dirname "$0")/common.sh" "$1"

# Forked from a process that has LibTorch loaded: the same bytes as a run of its own.
small_sweep 1 5 | sed 's/^policies.*/policies = ["none", "dragon"]/' >"$work/learned.toml"
printf '[sweep.axes]\n"dragon:rate" = [1e-3, 3e-3]\nfaults.rate = [2]\n' >>"$work/learned.toml"
expect 0 sweep "$work/learned.toml" --out "$work/learned" --json
says stdout '"points": 3, "done": 3'
for folder in "$work"/learned/runs/*; do
  expect 0 run "$folder/scenario.toml" --out "$work/own"
  same "$folder" "$work/own"
  rm -r "$work/own"
done

# A point loads what its own policy needs, and comes to what it is in the sweep.
for index in 0 1; do
  LD_DEBUG=files "$lair" point "$work/learned.toml" --index $index --out "$work/points" >"$work/stdout" 2>"$work/stderr" ||
    fail "point $index failed"
  grep -q liblair-neural "$work/stderr" && loads=1 || loads=0
  [ $loads = $index ] || fail "point $index: LibTorch is loaded ($loads), or is not, as if it were another policy's"
done
grep -qx "done $(basename "$(dirname "$(grep -l 'name = "none"' "$work"/learned/runs/*/scenario.toml)")")" "$work"/points/points/* ||
  fail "the point of none is another run than in the sweep"
expect 0 sweep "$work/learned.toml" --out "$work/points" --json
same "$work/points/runs" "$work/learned/runs"

# Another model under the same name: what was made with it is no result of this sweep, all else is.
mkdir "$work/models"
cp models/dragon-pi-config2-k5.* models/dragon-pi-config2-k10.* "$work/models"
cp models/dragon-pi-config2-k10.json "$work/models/mine.json"
small_sweep 1 3 | sed 's/^policies.*/policies = ["none", "dragon"]/' >"$work/model.toml"
printf '[sweep.axes]\n"dragon:model" = ["%s", "untrained"]\n"dragon:rate" = [1e-3, 3e-3]\n' "$work/models/mine.json" >>"$work/model.toml"
stamps() { stat -c '%n %Y.%i' "$work"/swept/runs/*/summary.json | sort; }
expect 0 sweep "$work/model.toml" --out "$work/swept" --json
says stdout '"points": 5, "done": 5'
before=$(digest)
stamps >"$work/before"
cp models/dragon-pi-config2-k5.json "$work/models/mine.json"
expect 0 sweep "$work/model.toml" --out "$work/swept" --resume --json
says stdout '"points": 5, "done": 5'
[ "$before" != "$(digest)" ] || fail "another model does not change the content"
stamps >"$work/after"
[ "$(comm -12 "$work/before" "$work/after" | wc -l)" = 3 ] || fail "not the two runs of the model were run again: $(diff "$work/before" "$work/after")"
expect 0 sweep "$work/model.toml" --out "$work/fresh" --json
[ "$(cat "$work"/fresh/runs/*/notes.csv | grep -c mine)" = 2 ] || fail "runs do not name their model"
same "$work/swept/runs" "$work/fresh/runs"
cp models/dragon-pi-config2-k10.json "$work/models/mine.json"
expect 0 sweep "$work/model.toml" --out "$work/swept" --resume --json
[ "$before" = "$(digest)" ] || fail "the first model again does not give the first content"
# Single runs too.
run=$(dirname "$(grep -l mine "$work"/fresh/runs/*/notes.csv | head -1)")
cp "$run/scenario.toml" "$work/single.toml"
expect 0 run "$work/single.toml" --out "$work/single"
cp models/dragon-pi-config2-k5.json "$work/models/mine.json"
expect 2 run "$work/single.toml" --out "$work/single"
says stderr "holds a result with another model: gon model=$work/models/mine.json manifest="
finish
