#!/bin/sh
# An environment with what the product needs to run, each package checked against its hash in the lock.
# usage: install.sh TARGET   (run from the folder with pyproject.toml and requirements.lock)
set -eu
target="$1"
python="${PYTHON:-python3}"
"$python" -m venv "$target"
"$python" docker/runtime_packages.py pyproject.toml requirements.lock > "$target/runtime.lock"
if command -v uv >/dev/null 2>&1; then # five times faster; pip does the same
  uv pip install --quiet --python "$target/bin/python" --no-deps --require-hashes -r "$target/runtime.lock"
else
  "$target/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
    --no-deps --require-hashes -r "$target/runtime.lock"
fi
