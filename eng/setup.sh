# Sourced by run.sh and test.sh; $root is the repository. Sees that the SDK is there and that the package sources have what
# a build needs. Safe to repeat; touches the network only for what is missing.

say() { echo "setup: $*"; }
fail() { printf 'setup: error: %s\n' "$@" >&2; exit 1; }

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# No build process outlives the script (it would hold a pipe open that the script's output goes to).
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

check_dotnet() {
    local wanted
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json")
    command -v dotnet > /dev/null || fail "the .NET SDK is missing: no 'dotnet' on the PATH." \
        "Install the SDK $wanted or a later ${wanted%%.*}.x (https://dot.net/download) and start again."
    # Inside the repository 'dotnet --version' obeys global.json and fails when no installed SDK satisfies it.
    (cd "$root" && dotnet --version > /dev/null 2>&1) || fail "no installed .NET SDK satisfies global.json, which asks for $wanted or a later ${wanted%%.*}.x." \
        "Installed: $(cd / && dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')." "Install one from https://dot.net/download and start again."
    [ "$(uname -s)" != Linux ] || [ "$(uname -m)" = x86_64 ] || fail "TorchSharp has no native package for Linux on $(uname -m); it has one for x86_64."
}

# restore PROJECT: brings the packages that are not in the cache yet (libtorch for this machine is the largest, 130 MB).
restore() {
    local output
    say "restoring packages ..."
    output=$(dotnet restore "$1" 2>&1) && return 0
    printf '%s\n' "$output" | grep -E 'error|warning' | sort -u | head -n 10 >&2
    case $output in
        *NU1101* | *NU1102* | *NU1103*) fail "the package sources lack what is named above." "They are: $(dotnet nuget list source --format short | paste -sd' ')." "Add one that has it ('dotnet nuget add source URL') and start again." ;;
        *) fail "the packages could not be restored; the messages are above." "Check the network and 'dotnet nuget list source', and start again." ;;
    esac
}

# build PROJECT ARGUMENTS...: one compiler process serves all its projects, which takes half the time; it ends with the build.
build() {
    local status=0
    dotnet build "$1" -c Release --no-restore -p:UseSharedCompilation=true "${@:2}" || status=$?
    dotnet build-server shutdown --vbcscompiler > /dev/null || say "the compiler's process goes on for ten minutes"
    return $status
}

# Where a virtual machine hides the cache sizes of an AMD processor, libtorch convolves wrongly, and .NET, which goes by them too,
# collects garbage twenty times as often: docs/hidden-caches.md.
if [ ! -e /sys/devices/system/cpu/cpu0/cache/index0 ] && grep -qs AuthenticAMD /proc/cpuinfo; then
    export ONEDNN_MAX_CPU_ISA=${ONEDNN_MAX_CPU_ISA:-SSE41} DOTNET_GCgen0size=${DOTNET_GCgen0size:-4000000}
fi

check_dotnet
