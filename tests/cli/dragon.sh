# The policies dragon and dragon+ as a user runs them, with an untrained model and thresholds so low that they
# have something to do.
. "$(dirname "$0")/common.sh" "$1"

options=model=untrained:first=20:risk=0.2:level=0.8:delta2=0
few="--set intervals=12 --set faults.rate=3 --seed 3"

expect 0 run $scenario --policy dragon:$options:record=yes $few --out "$work/dragon"
grep -q "annealing step=0 idle=.* start=.* best=.* evaluations=.* interval=" "$work/dragon/notes.csv" ||
  fail "no annealing in notes.csv"
grep -q "annealing step=0 proposal=0 task=.* host=.* fitness=.* accepted=" "$work/dragon/notes.csv" ||
  fail "no proposal in notes.csv"
grep -q "annealing step=1" "$work/dragon/notes.csv" && fail "dragon looked ahead"
expect 0 verify "$work/dragon"

# Looking one interval ahead is dragon: the same bytes, but for the names.
expect 0 run $scenario --policy "dragon+:$options:record=yes:look_ahead=1:window=10" $few --out "$work/one"
for file in intervals hosts tasks migrations labels notes faults; do
  cmp -s "$work/dragon/$file.csv" "$work/one/$file.csv" || fail "dragon+ with one step differs in $file.csv"
done
cmp -s "$work/dragon/events.jsonl" "$work/one/events.jsonl" || fail "dragon+ with one step differs in events"

expect 0 run $scenario --policy "dragon+:$options:record=yes" $few --out "$work/plus"
grep -q "annealing step=1" "$work/plus/notes.csv" || fail "dragon+ did not look ahead"
cmp -s "$work/dragon/labels.csv" "$work/plus/labels.csv" && fail "dragon+ labels as dragon does"

# Notes change nothing else, and only who asks for them gets them.
expect 0 run $scenario --policy dragon:$options $few --out "$work/silent"
[ -e "$work/silent/notes.csv" ] && fail "notes that nobody asked for"
for file in intervals hosts tasks migrations labels; do
  cmp -s "$work/dragon/$file.csv" "$work/silent/$file.csv" || fail "recording changes $file.csv"
done

# Every ablation is one option of the policy.
expect 0 compare $scenario --set intervals=2 --seeds 1 --out "$work/ablation" \
  --policies "dragon:$options,dragon:$options:ablation=no-window-init,dragon:$options:ablation=no-adahessian,dragon:$options:ablation=no-topology"

# What is wrong is said before anything runs.
expect 2 run $scenario --policy dragon:model=nobody --out "$work/x"
says stderr "there is no model 'nobody'"
expect 2 run $scenario --policy dragon:model=untrained:look_ahed=3 --out "$work/x"
says stderr "did you mean 'look_ahead'?"
expect 2 run $scenario --policy dragon:model=untrained:sign=plus --out "$work/x"
says stderr "option 'sign' is 'plus', not one of minimised, printed"
[ -e "$work/x" ] && fail "a folder of a run that could not begin"
finish
