# The models that ship: whole, and made by scripts/train-models; each judges in the federation it was made for,
# and in others. A run says which it has used; lair verify says if that one is not there any more.
. "$(dirname "$0")/common.sh" "$1"

count=0
for manifest in models/*.json; do
  name=$(basename "$manifest" .json)
  count=$((count + 1))
  numbers=models/$(grep -oE '"file": "[^"]*"' "$manifest" | cut -d'"' -f4)
  [ -s "$numbers" ] || fail "$name lacks its numbers"
  # Loading compares the hash of the numbers with the manifest's, and each shape with the network.
  configuration=$(sed -E 's/^[a-z]+-pi-(config[123]).*/\1/' <<<"$name")
  what=${name%%-*} window=1 trace=$configuration-load5.5
  detector=$what
  [ "$what" = dragon ] && detector=gon
  case $what in topomad) window=10 ;; stepgan) window=5 ;; esac
  if [[ $name =~ -k([0-9]+) ]]; then window=${BASH_REMATCH[1]} trace=$configuration; fi
  if [ "$what" = gobi ]; then # of a scheduler: it scores nothing
    expect 0 run "scenarios/dragon/$configuration-medium.toml" --set intervals=4 --set 'policy.scheduler="gobi"' \
      --policy "none:surrogate=$name" --out "$work/$name"
    grep -q "gobi model=$name manifest=" "$work/$name/notes.csv" || fail "$name was not used"
    grep -qF "lair train gobi --trace $configuration-random5.5.trace" "$manifest" || fail "$name does not say its command"
    continue
  fi
  expect 0 run "scenarios/dragon/$configuration-medium.toml" --set intervals=4 --set "policy.detector=\"$detector\"" \
    --set "policy.options.model=\"$name\"" --set "policy.options.window=$window" --out "$work/$name"
  awk -F, 'NR > 1 && $6 != "" && $6 != 0 { n++ } END { exit n < 20 }' "$work/$name/labels.csv" || fail "$name scores nothing"
  grep -qF "lair train $what --trace $trace.trace" "$manifest" || fail "$name does not say its command"
  grep -qF '"calibration": [' "$manifest" || fail "$name has no scores for thresholds to begin with"
  [ "$(stat -c %s "$numbers")" -lt 700000 ] || fail "$name is large"
done
[ $count -ge 21 ] || fail "only $count models"
[ "$(ls models/*.safetensors | wc -l)" -eq $count ] || fail "numbers that belong to no model"
[ "$(du -sb models | cut -f1)" -lt 8000000 ] || fail "the models take more than 8 MB"
# verify: the same again; another model under the same name, and none.
mkdir "$work/tree"
cp models/dragon-pi-config2-k10.* "$work/tree"
model=$work/tree/dragon-pi-config2-k10.json
expect 0 run $scenario --set intervals=3 --policy "dragon:model=$model" --out "$work/verified"
grep -qE "gon model=$model manifest=xxh3-128:[0-9a-f]{32}" "$work/verified/notes.csv" || fail "the run does not name its model"
expect 0 verify "$work/verified"
empty stderr
sed -i 's/"seed": "1"/"seed": "7"/' "$model"
expect 2 verify "$work/verified"
says stderr "does not fit what the manifest says"
sed -i -z 's/,\n "checksum": "[^"]*"//' "$model"
expect 4 verify "$work/verified"
says stderr "was made with another model: model=$model manifest=xxh3-128:"
rm "$model"
expect 2 verify "$work/verified"
says stderr "$model: there is no such model file"
# On another number of hosts, without a word: the platform has none of its own.
expect 0 run scenarios/ftsad.toml --set intervals=3 --policy dragon --out "$work/ftsad"
says stderr "gon uses dragon-pi-config2-k10"
expect 0 run scenarios/ftsad.toml --set intervals=3 --policy dragon-contrast --out "$work/ftsad-contrast"
says stderr "gon uses dragon-pi-config2-contrast"
[ "$(wc -l < "$work/stderr")" -eq 1 ] || fail "one line for all brokers"
for configuration in 1 2 3; do
  for more in "" :ablation=no-topology; do
    expect 0 run scenarios/dragon/config$configuration-medium.toml --set intervals=2 --policy "dragon$more" --out "$work/d$configuration$more"
    empty stderr
  done
  for policy in dragon+ dragon-contrast dragon+-contrast awgg topomad stepgan; do
    expect 0 run scenarios/dragon/config$configuration.toml --set intervals=2 --policy $policy --out "$work/$policy$configuration"
    empty stderr
  done
done
finish
