# compiled.sh: for laws that look at each C file as the compiler sees it. The law defines
# check FILE FLAGS… and then includes this. A file that passed is not looked at again until what the
# compiler makes of it, its text or the law changes. With an argument: that file only.
# shellcheck shell=sh
law=$(basename "$0")
passed=${LINT_BUILD:-.}/.lint-$law
mkdir -p "$passed" || exit 1
if [ $# -eq 0 ]; then
    find lib cgi-bin -name '*.c' ! -path lib/db/migrations.c | LC_ALL=C sort |
        xargs -P "$(nproc)" -n 1 "tests/lint/$law"
    exit
fi

file=$1
mysql=$(pkg-config --cflags libmariadb 2>/dev/null) || mysql=$(pkg-config --cflags mysqlclient)
others=$(pkg-config --cflags json-c fcgi libcurl cjose libsodium inih) || exit 1
# shellcheck disable=SC2086 # flags are words
set -- -std=gnu17 -D_GNU_SOURCE -DPACKAGE_VERSION='"0"' -DPROMPTS_INSTALLED='"/prompts"' -Ilib $mysql $others
mark=$passed/$({ cat "tests/lint/$law" .clang-tidy "$file"; cc -E "$@" "$file"; } |
    sha256sum | cut -c1-40)
[ -f "$mark" ] && exit 0
check "$file" "$@" || exit 1
: >"$mark"
