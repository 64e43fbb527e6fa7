#!/bin/sh
# See to it that a Chromium is there for the browser tests; where none can be had, those tests say that they are skipped.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
tools/apt.sh chromium || echo "No Chromium: the browser tests will be skipped." >&2
exit 0
