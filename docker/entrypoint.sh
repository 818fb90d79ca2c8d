#!/bin/sh
# migrate, serve, worker, or any other command of the product. What it writes is nobody else's to read, and
# signals reach it directly: `exec` leaves no shell between.
set -eu
umask 077
exec python -m portfolio "$@"
