#!/bin/sh
# The user that the product runs as, and the folder that is its own. Nothing of the product belongs to it.
set -eu
useradd --create-home --uid 10001 portfolio
install -d -o portfolio -g portfolio -m 700 /data
