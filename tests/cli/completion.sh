# lair completion and lair man: made from the definitions that parse.
. "$(dirname "$0")/common.sh" "$1"
lair=$(realpath "$lair")

# The manual page: every verb and option is in it, and roff has no complaint.
expect 0 man
cp "$work/stdout" "$work/lair.1"
verbs=$("$lair" --help | awk '/^Subcommands:/ { on = 1; next } /^$/ { next } /^Exit codes/ { on = 0 } on && /^  [a-z]/ { print $1 }')
[ "$(echo "$verbs" | wc -w)" -ge 12 ] || fail "no verbs found: $verbs"
for verb in $verbs; do
  grep -qx "\.SS $verb" "$work/lair.1" || fail "lair man does not tell $verb"
  sed -n "/^\.SS $verb\$/,/^\.S[SH]/p" "$work/lair.1" | tr -d '\\' >"$work/section"
  for option in $("$lair" "$verb" --help | grep -oE '^  (-[a-z],)?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
    grep -qF -- "$option" "$work/section" || fail "lair man does not tell $verb $option"
  done
done
if command -v groff >/dev/null; then
  groff -man -ww -Tascii "$work/lair.1" >"$work/text" 2>"$work/stderr" || fail "groff fails"
  empty stderr
  grep -q 'co-simulation' "$work/text" || fail "groff prints nothing"
fi
if command -v mandoc >/dev/null; then
  mandoc -T lint -W warning "$work/lair.1" >"$work/stdout" || { fail "mandoc"; cat "$work/stdout"; }
fi

# bash: the function is called as the shell calls it.
expect 0 completion bash
cp "$work/stdout" "$work/lair.bash"
cp "$work/lair.bash" "$work/b.sh"
cat >>"$work/b.sh" <<'END'
PATH=$(dirname "$LAIR"):$PATH
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_lair
printf '%s\n' "${COMPREPLY[@]}"
END
completes() { # completes WANTED WORDS...: the proposals, on one line
  local wanted=$1 got
  shift
  got=$(LAIR=$lair bash "$work/b.sh" lair "$@" 2>"$work/stderr" | sort | tr '\n' ' ')
  empty stderr
  [ "$got" = "$wanted " ] || fail "lair $*: bash completes '$got', not '$wanted'"
}
completes "run" ru
completes "trace train" tra
completes "--version" --v
completes "--seed --set" run --se
completes "faults.rate=" run x.toml --set faults.rat
completes "policies" list pol
completes "" list policies x
completes "overload-migration" run x.toml --policy over
completes "none,overload-migration" compare x.toml --policies none,over
completes "policy scenario sweep" new ""
completes "bash fish zsh" completion ""
mkdir "$work/files"
touch "$work/files/a b.toml" "$work/files/c.toml"
pushd "$work/files" >/dev/null || exit 1
completes "a b.toml c.toml" run ""
completes "a b.toml c.toml" run --seed 3 ""
completes "c.toml" schema --out c
completes "" run --seed ""
popd >/dev/null || exit 1
bash -c ". '$work/lair.bash'; complete -p lair" | grep -q -- '-F _lair lair' || fail "nothing is registered"

for shell in zsh fish; do
  expect 0 completion $shell
  cp "$work/stdout" "$work/lair.$shell"
  for verb in $verbs; do
    grep -qF "$verb" "$work/lair.$shell" || fail "$shell does not know $verb"
  done
done
if command -v zsh >/dev/null; then zsh -n "$work/lair.zsh" || fail "zsh does not read its script"; fi
if command -v fish >/dev/null; then
  fish --no-execute "$work/lair.fish" || fail "fish does not read its script"
  HOME=$work fish -c "source $work/lair.fish; complete -C 'lair compa'" 2>/dev/null | grep -q '^compare' || fail "fish completes nothing"
  HOME=$work fish -c "source $work/lair.fish; complete -C 'lair list sche'" 2>/dev/null | grep -q '^schedulers' || fail "fish has no choices"
fi
expect 2 completion tcsh
finish
