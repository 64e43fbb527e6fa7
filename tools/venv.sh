#!/bin/sh
# Make a virtual environment and install ecco into it: tools/venv.sh FOLDER REQUIREMENT STAMP [ALONE]
# ALONE lists packages that are installed without those that they ask for.
# Does nothing when STAMP is newer than what says what to install.
set -eu
folder=$1 requirement=$2 stamp=$3 alone=${4:-}

if [ -f "$stamp" ] && [ ! pyproject.toml -nt "$stamp" ] && [ ! constraints.txt -nt "$stamp" ] &&
    { [ -z "$alone" ] || [ ! "$alone" -nt "$stamp" ]; }; then
    exit 0
fi
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "ecco needs Python 3.10 or newer; $python is $("$python" --version 2>&1). Name another one: make PYTHON=python3.12 …" >&2
    exit 1
fi
if [ ! -x "$folder/bin/python" ] && ! "$python" -m venv "$folder" 2>/dev/null; then
    rm -rf "$folder"
    tools/apt.sh python3-venv # Debian keeps it in a package of its own
    "$python" -m venv "$folder"
fi
echo "Installing $requirement into $folder (a few minutes the first time) …"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$folder/bin/python" -m pip install --quiet --constraint constraints.txt --editable "$requirement"
[ -z "$alone" ] || "$folder/bin/python" -m pip install --quiet --no-deps --require-hashes --requirement "$alone"
touch "$stamp"
