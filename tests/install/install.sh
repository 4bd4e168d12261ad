#!/usr/bin/env bash
# install.sh BUILD: what `cmake --install` puts in place works from any directory, by any path, and has
# the shipped files it needs beside it.
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/a prefix" > /dev/null
for file in man/man1/lair.1 bash-completion/completions/lair zsh/vendor-completions/_lair \
            fish/vendor_completions.d/lair.fish; do
  [ -s "$work/a prefix/share/$file" ] || { echo "no share/$file" >&2; exit 1; }
done
mkdir "$work/away" "$work/bin"
mv "$work/a prefix" "$work/moved" # nothing may remember where it was installed
cd "$work/away"
"$work/moved/bin/lair" --version
# A scenario of the installation, and one of the user's that names shipped files.
"$work/moved/bin/lair" run "$work/moved/share/lair/scenarios/quickstart.toml" --set intervals=2 --out one
printf 'intervals = 2\nplatform = "pi-config1"\n[workload]\nfile = "defog"\n' > mine.toml
PATH="$work/moved/bin:$PATH"
lair run mine.toml --out two
lair check pi-config1 2> /dev/null && { echo "a name is not a file" >&2; exit 1; }
ln -s "$work/moved/bin/lair" "$work/bin/lair" # as /usr/local/bin often is
"$work/bin/lair" run mine.toml --out three
cmp two/events.jsonl three/events.jsonl
# A policy compiled with nothing but the installed headers.
c++ -std=c++20 -fPIC -shared -I"$work/moved/include" \
    "$work/moved/share/lair/examples/policy/hello.cpp" -o hello.so
lair run mine.toml --policy ./hello.so --out four
[ -f four/summary.json ]
# The library of learned policies is found beside the moved program, or its absence is explained.
if [ -n "$(find "$work/moved" -name liblair-neural.so)" ]; then
  # With the model that was installed with it.
  lair run mine.toml --set 'policy.detector="gon"' --out five
  [ -f five/summary.json ]
  find "$work/moved" -name liblair-neural.so -delete
fi
if lair run mine.toml --set 'policy.detector="gon"' --set 'policy.options.model="untrained"' --out six \
    2> six.txt; then
  echo "a learned policy without its library" >&2
  exit 1
fi
grep -q "learned policies need liblair-neural.so" six.txt
echo ok
