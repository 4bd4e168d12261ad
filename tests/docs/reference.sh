#!/usr/bin/env bash
# reference.sh SOURCE LAIR NAME: scripts/reproduce-NAME still makes results/reference/NAME, byte for byte.
# If it does not and should not, run it again and commit what it writes.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source=$(cd "$1" && pwd) lair=$(realpath "$2") name=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r "$source"/{models,platforms,scenarios,scripts,workloads} "$scratch"
mkdir "$scratch/results"
cd "$scratch" || exit 1
LAIR=$lair "scripts/reproduce-$name" "$scratch/made" < /dev/null > "$scratch/log" 2>&1 ||
  { fail "scripts/reproduce-$name ended with $?"; tail -20 "$scratch/log" >&2; }
diff -r "$source/results/reference/$name" "$scratch/made" > "$scratch/diff" ||
  { fail "results/reference/$name is not what scripts/reproduce-$name makes:"; head -20 "$scratch/diff" >&2; }
finish
