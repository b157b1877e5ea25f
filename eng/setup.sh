# Sourced by run.sh and test.sh; $root is the repository. Sees to everything a build needs and chooses the two switches
# (TorchBackend, SnapshotVerifier). Safe to repeat; touches the network only for what is missing.

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
}

# Succeeds when the configured package sources have the packages (separated by ;) in the versions that we ask for;
# 1 when they answer that they have not; 2 when they cannot be asked.
sources_have() {
    local output
    output=$(dotnet restore "$root/eng/probe/Probe.csproj" -p:Probe=\""$1"\" 2>&1) && return 0
    case $output in
        *NU1101* | *NU1102* | *NU1103*) return 1 ;;
        *) printf '%s\n' "$output" | grep error | head -n 3 >&2; return 2 ;;
    esac
}

# Fails when the package's native library asks for newer system libraries (as a rule libstdc++) than this Linux has.
package_runs_here() {
    local packages version lacks
    [ "$(uname -s)" = Linux ] || return 0
    packages=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
    version=$(sed -n 's/.*Include="TorchSharp" Version="\([^"]*\)".*/\1/p' "$root/Directory.Packages.props")
    lacks=$(ldd "$packages/torchsharp/$version/runtimes/linux-x64/native/libLibTorchSharp.so" 2>&1 | sed -n "s/.*version .\(.*\)' not found.*/\1/p" | sort -u | paste -sd' ')
    [ -z "$lacks" ] || { say "TorchSharp $version needs newer system libraries than these: they lack $lacks."; return 1; }
}

# Sets chosen_backend and chosen_verifier by asking the package sources; fails when they cannot be asked.
ask_sources() {
    local answer=0
    if [ "$(uname -s)" = Linux ] && [ "$(uname -m)" != x86_64 ]; then
        chosen_backend=LibTorch
        say "TorchSharp has no native package for Linux on $(uname -m)."
    else
        say "asking the package sources for TorchSharp ..."
        sources_have "TorchSharp;TorchSharp-cpu" || answer=$?
        case $answer in
            0) if package_runs_here; then chosen_backend=TorchSharp; else chosen_backend=LibTorch; fi ;;
            1) chosen_backend=LibTorch; say "the package sources do not have it." ;;
            *) return 1 ;;
        esac
    fi
    answer=0
    sources_have "Verify.Xunit;Verify.SourceGenerators" || answer=$?
    case $answer in
        0) chosen_verifier=Verify ;;
        1) chosen_verifier=Own ;;
        *) return 1 ;;
    esac
}

# Writes TorchBackend.props, which Directory.Build.props imports. The answer of the package sources holds
# until the sources or the versions that we ask for change.
choose_switches() {
    local file=$root/TorchBackend.props question
    question=$({ cd "$root" && dotnet nuget list source --format short; cat Directory.Packages.props; } | cksum | tr ' ' -)
    if [ -f "$file" ] && grep -q "answer $question " "$file"; then
        chosen_backend=$(sed -n 's/.*<TorchBackend .*>\(.*\)<.*/\1/p' "$file")
        chosen_verifier=$(sed -n 's/.*<SnapshotVerifier .*>\(.*\)<.*/\1/p' "$file")
    elif ask_sources; then
        cat > "$file" << END
<Project>
  <!-- answer $question of the package sources, written by eng/setup.sh; a property or environment variable of that name goes before it -->
  <PropertyGroup>
    <TorchBackend Condition="'\$(TorchBackend)' == ''">$chosen_backend</TorchBackend>
    <SnapshotVerifier Condition="'\$(SnapshotVerifier)' == ''">$chosen_verifier</SnapshotVerifier>
  </PropertyGroup>
</Project>
END
    else
        [ -n "${TorchBackend:-}" ] || fail "the package sources cannot be reached, so the Torch backend cannot be chosen." \
            "Check the network and 'dotnet nuget list source', or choose yourself: TorchBackend=LibTorch $0"
        chosen_verifier=Own
    fi
    # MSBuild takes environment variables as properties: a choice made there holds for everything that we start.
    export TorchBackend=${TorchBackend:-$chosen_backend} SnapshotVerifier=${SnapshotVerifier:-$chosen_verifier}
    case $TorchBackend in
        TorchSharp) say "Torch backend: TorchSharp (the NuGet packages). Snapshots: $SnapshotVerifier." ;;
        LibTorch) say "Torch backend: LibTorch (this repository's LibTorch/ over the system's libtorch). Snapshots: $SnapshotVerifier." ;;
        *) fail "TorchBackend is '$TorchBackend'; it can be TorchSharp or LibTorch." ;;
    esac
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q '^install ok installed$'; }

apt_install() {
    local as_root=
    if [ "$(id -u)" != 0 ]; then
        if sudo -n true 2> /dev/null || { [ -t 0 ] && command -v sudo > /dev/null; }; then
            as_root=sudo
        else
            fail "missing system packages: $*" "No right to install them here. Run as root: apt-get install $*"
        fi
    fi
    say "installing system packages: $*"
    $as_root apt-get update -qq || say "warning: 'apt-get update' failed; going on with the package lists that are there."
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        || fail "apt-get could not install: $*" "Its messages are above. Nothing of the repository was built."
}

# What LibTorch/Native is compiled with and against.
install_libtorch() {
    local missing=() package
    if command -v apt-get > /dev/null; then
        command -v cmake > /dev/null || missing+=(cmake)
        command -v make > /dev/null || missing+=(make)
        command -v c++ > /dev/null || missing+=(g++)
        # TORCH_ROOT names an unpacked libtorch, which brings its own BLAS. Debian's libtorch uses the system's, and
        # the default there multiplies matrices some 40 times slower than OpenBLAS.
        if [ -z "${TORCH_ROOT:-}" ]; then
            for package in libtorch-dev libopenblas0-pthread; do
                is_installed "$package" || missing+=("$package")
            done
        fi
        [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
        [ -n "${TORCH_ROOT:-}" ] || check_blas
    else
        command -v cmake > /dev/null && command -v c++ > /dev/null || fail "the backend LibTorch needs cmake, a C++17 compiler and libtorch (1.13 or 2.x)." \
            "There is no apt-get here to install them with: install them with this system's tools and start again."
    fi
}

check_blas() {
    local name value
    for name in $(update-alternatives --get-selections | sed -n 's/^\(libblas\.so\.3[^ ]*\).*/\1/p'); do
        value=$(update-alternatives --query "$name" | sed -n 's/^Value: //p')
        case $value in
            *openblas*) ;;
            *) say "warning: $name is $value, not OpenBLAS: matrix products will be slow. 'update-alternatives --config $name' changes it." ;;
        esac
    done
}

check_dotnet
choose_switches
if [ "$TorchBackend" = LibTorch ]; then install_libtorch; fi
