#!/usr/bin/env bash
# deb.sh BUILD: the Debian package names what it needs, holds everything, runs from where it is unpacked,
# and goes without a trace when dpkg removes it.
set -eu
build=$1
for program in cpack dpkg-deb dpkg-shlibdeps; do
  command -v $program > /dev/null || { echo "skipped: there is no $program"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
(cd "$work" && umask 077 && cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/pack" > log 2>&1) ||
  { cat "$work/log" >&2; fail "cpack"; }
deb=$(echo "$work"/pack/lair_*.deb)
[ -s "$deb" ] || fail "there is no package"

# What dpkg is told.
depends=$(dpkg-deb -f "$deb" Depends)
for library in libsimgrid libc6 libstdc++6 libfmt libcbc; do
  [[ $depends == *$library* ]] || fail "the package does not depend on $library: $depends"
done
if [ -e "$build/liblair-neural.so" ]; then
  [[ $depends == *libtorch* ]] || fail "the learned policies do not depend on libtorch: $depends"
fi
[ "$(dpkg-deb -f "$deb" Package)" = lair ] || fail "another name"
dpkg-deb -f "$deb" Maintainer | grep -qE '^[^<>]+ <[^@ ]+@[^@ ]+\.[^@ ]+>$' || fail "the maintainer is no name and address"
dpkg-deb -c "$deb" > "$work/content"
for file in bin/lair lib/cmake/lair/lairConfig.cmake include/lair/policy.hpp share/man/man1/lair.1.gz share/doc/lair/changelog.gz \
            share/bash-completion/completions/lair share/doc/lair/copyright share/lair/scenarios/quickstart.toml \
            share/lair/platforms/pi-config2.toml share/lair/workloads/aiotbench.toml \
            share/lair/examples/analysis/read_sweep.py; do
  grep -qE "^-r[w-][x-]r-[x-]r-[x-] root/root .* ./usr/$file$" "$work/content" || fail "no usr/$file that all can read"
done
grep -E ' \./(usr/local|etc|var|tmp|home|work)' "$work/content" && fail "files where no package puts them"

# Unpacked anywhere.
root=$work/root
dpkg-deb -x "$deb" "$root"
grep -q "Redistribution and use" "$root/usr/share/doc/lair/copyright" || fail "no licence"
if [ -d "$(dirname "$0")/../../src/report/web/node_modules/uplot" ] && strings "$root/usr/bin/lair" | grep -q uPlot; then
  grep -q uPlot "$root/usr/share/doc/lair/copyright" || fail "the chart library's licence is missing"
fi
mkdir "$work/away"
cd "$work/away"
lair=$root/usr/bin/lair
"$lair" run "$root/usr/share/lair/scenarios/quickstart.toml" --set intervals=2 --out one > /dev/null
"$lair" new scenario mine > /dev/null
"$lair" run mine.toml --set intervals=3 --out two > /dev/null
"$lair" doctor > doctor
grep -qx "ok  *shipped files  *$root/usr/share/lair" doctor || { cat doctor; fail "the shipped files are not those of the package"; }
if [ -e "$build/liblair-neural.so" ]; then
  grep -q "^ok  *learned policies" doctor || { cat doctor; fail "the learned policies do not load"; }
  grep -q "^ok  *models .*whole in $root" doctor || { cat doctor; fail "the models are not whole"; }
  "$lair" run mine.toml --policy dragon --set intervals=2 --out three > /dev/null
fi
"$lair" run mine.toml --policy pbfm --set intervals=3 --out assigned > /dev/null || fail "CBC is not found"
# A policy against the package's own CMake files.
"$lair" new policy mover > /dev/null
{ cmake -S mover -B mover/build && cmake --build mover/build; } > log 2>&1 || { cat log; fail "the policy does not build"; }
grep -q "lair_DIR:PATH=$root/usr/lib" mover/build/CMakeCache.txt || fail "it was built against another Lair"
"$lair" check mover/build/mover.so > /dev/null

# Installed and removed by dpkg, in a root of its own.
if [ "$(id -u)" -eq 0 ]; then
  fresh=$work/fresh
  mkdir -p "$fresh/var/lib/dpkg/info" "$fresh/var/lib/dpkg/updates"
  touch "$fresh/var/lib/dpkg/status" "$fresh/var/lib/dpkg/available"
  dpkg --root="$fresh" --force-depends --force-script-chrootless -i "$deb" > log 2>&1 || { cat log; fail "dpkg -i"; }
  [ "$(dpkg-query --admindir="$fresh/var/lib/dpkg" -W -f '${db:Status-Status}' lair)" = installed ] || fail "not installed"
  "$fresh/usr/bin/lair" run mine.toml --set intervals=3 --out four > /dev/null
  cmp two/events.jsonl four/events.jsonl || fail "an installed program gives other results"
  dpkg --root="$fresh" --force-script-chrootless -P lair > log 2>&1 || { cat log; fail "dpkg -P"; }
  [ ! -e "$fresh/usr" ] || fail "removal leaves $(find "$fresh/usr" | tail -3)"
else
  echo "not root: dpkg -i was not tried"
fi
echo ok
