#!/usr/bin/env bash
# Sets up what is missing, builds, and runs the tests: all of them, or with ./test.sh NAME... the projects Tests/NAME*.
# Ends with "N passed, N failed"; exit code 0 only when nothing failed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$root/eng/setup.sh"

results=$root/artifacts/test-results
passed=0 failed=0
rm -rf "$results"

# counter NAME FILE: one number of the <Counters> element of a test run's .trx file.
counter() { sed -n "s/.*<Counters[^>]* $1=\"\([0-9]*\)\".*/\1/p" "$2"; }

# Two projects at a time: much of what they do is on one thread. Each tells what it came to when it is over.
run_project() {
    local project=$1 name log status=0
    name=$(basename "$project" .csproj)
    log=$results/$name.log
    dotnet test "$project" -c Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" > "$log" 2>&1 || status=$?
    echo "$status" > "$results/$name.status"
    { echo "== $name"; cat "$log"; } 2>&1
}

count_project() {
    local name trx total=0 good=0 status
    name=$(basename "$1" .csproj)
    trx=$results/$name.trx
    status=$(cat "$results/$name.status")
    if [ -f "$trx" ]; then
        total=$(counter total "$trx") good=$(counter passed "$trx")
    fi
    # Whatever did not pass has failed: skipped tests too, a project without tests, a run that broke off.
    local bad=$((total - good))
    if [ "$total" = 0 ]; then
        echo "$name: no test ran"; bad=1
    elif [ "$status" != 0 ] && [ "$bad" = 0 ]; then
        echo "$name: the run ended with exit code $status"; bad=1
    fi
    passed=$((passed + good)) failed=$((failed + bad))
}

projects=()
for name in "${@:-}"; do
    for project in "$root"/Tests/"$name"*/*.Tests.csproj; do
        [ -f "$project" ] || fail "no test project Tests/$name*"
        projects+=("$project")
    done
done

# The longest first, so that none is left running by itself at the end.
ordered=()
while IFS= read -r project; do ordered+=("$project"); done < <(for project in "${projects[@]}"; do
    case $project in
        */Generator.Tests/*) rank=0 ;; */Runtime.Tests/*) rank=1 ;; */Interruptions.Tests/*) rank=2 ;; */RandomModels.Tests/* | */Package.Tests/*) rank=3 ;; *) rank=4 ;;
    esac
    printf '%s\t%s\n' "$rank" "$project"
done | sort -s -n -k 1,1 | cut -f 2-)
projects=("${ordered[@]}")

if [ $# = 0 ]; then built=("$root/PruneGen.sln"); else built=("${projects[@]}"); fi
for project in "${built[@]}"; do
    restore "$project"
    build "$project" -v quiet
done
mkdir -p "$results"
# One thread each: two projects whose threads wait for each other in turn are several times slower.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
for project in "${projects[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do sleep 1; done
    run_project "$project" &
done
wait
for project in "${projects[@]}"; do count_project "$project"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
