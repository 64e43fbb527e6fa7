#!/bin/sh
# Install a Debian package if this account may: tools/apt.sh PACKAGE
set -eu
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Debian's package $1 is needed, and there is no apt-get here; install it in this system's way." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "Debian's package $1 is needed, and this account may not install it: sudo apt-get install $1" >&2
    exit 1
fi
echo "Installing Debian's package $1 …"
DEBIAN_FRONTEND=noninteractive $as_root sh -c "apt-get -qq update && apt-get -qq -y install $1 >/dev/null"
