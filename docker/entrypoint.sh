#!/bin/sh
# migrate, serve, worker, or any other command of the product. What it writes is nobody else's to read, and
# signals reach it directly: `exec` leaves no shell between.
set -eu
umask 077
if [ "$$" -eq 1 ]; then # a container that starts again: what its killed process left there is nobody's
  find "${TMPDIR:-/tmp}" -mindepth 1 -delete || : # not a reason to stay away
fi
exec python -m portfolio "$@"
