#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the MNIST sample. Arguments go to the sample: ./run.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/setup.sh"

restore "$root/Samples/Mnist"
build "$root/Samples/Mnist" -v minimal
exec dotnet "$root/Samples/Mnist/bin/Release/net10.0/PruneGen.Samples.Mnist.dll" "$@"
