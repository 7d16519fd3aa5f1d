# packages.sh: the Debian packages that building, running, testing and measuring need, and how to
# get them. Sourced by ./quickstart, tests/run and tests/bench/ground.sh; this is the only list.
# shellcheck shell=bash

# Daemons live in /usr/sbin, which is not on everybody's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# group  package  probe: the package is only asked for if its probe fails, so that an equivalent of
# another name, or a newer version from elsewhere, is left alone.
packages_table='
build gcc                   command gcc
build libc6-dev             file /usr/include/stdio.h
build make                  command make
build autoconf              command autoreconf
build automake              command automake
build pkg-config            command pkg-config
build libfcgi-dev           library fcgi
build libjson-c-dev         library json-c
build libmariadb-dev        library libmariadb
build libcjose-dev           library cjose
build libjansson-dev         library jansson
build libcurl4-openssl-dev  library libcurl
build libsodium-dev         library libsodium
build libinih-dev           library inih
build libpsl-dev            library libpsl
build libunistring-dev      file /usr/include/uninorm.h
run   lighttpd              command lighttpd
run   mariadb-server-core   command mariadbd
run   mariadb-client-core   command mariadb
run   curl                  command curl
run   jq                    command jq
run   ca-certificates       file /etc/ssl/certs/ca-certificates.crt
run   tzdata                file /usr/share/zoneinfo/America/New_York
test  libcmocka-dev         library cmocka
test  nodejs                command node
test  npm                   command npm
test  sqlite3               command sqlite3
test  clang                 command clang
test  libclang-rt-dev       clang libclang_rt.fuzzer-x86_64.a
test  clang-tidy            command clang-tidy
test  clang-format          command clang-format
test  cppcheck              command cppcheck
test  shellcheck            command shellcheck
test  xz-utils              command xz
test  apache2               command apache2
test  libapache2-mod-fcgid  file /usr/lib/apache2/modules/mod_fcgid.so
test  git                   command git
test  strace                command strace
bench wrk                   command wrk
peers nodejs                command node
peers npm                   command npm
peers php-fpm               file /usr/sbin/php-fpm*
peers php-mysql             file /usr/lib/php/*/pdo_mysql.so
peers php-apcu              file /usr/lib/php/*/apcu.so
'

# packages_probe command|file|library|clang WHAT: is it there?
packages_probe() {
    case $1 in
    command) command -v "$2" >/dev/null ;;
    file) compgen -G "$2" >/dev/null ;;
    library) pkg-config --exists "$2" 2>/dev/null ;;
    clang) [ -e "$(clang -print-file-name="$2" 2>/dev/null)" ] ;;
    esac
}

# packages_missing GROUP…: prints the missing packages, one a line.
packages_missing() {
    local group package kind what wanted=" $* "
    while read -r group package kind what; do
        [[ $wanted == *" ${group:-none} "* ]] || continue
        packages_probe "$kind" "$what" || echo "$package"
    done <<<"$packages_table"
}

# packages_as_root COMMAND…: as root, or through sudo. 127 if there is no way.
packages_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$@"
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        sudo "$@"
    else
        return 127
    fi
}

# packages_say_how PACKAGE…: what a person has to do who must do it alone.
packages_say_how() {
    echo "These packages are missing and could not be installed from here. Run this line as an" >&2
    echo "administrator and start again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
}

# packages_need GROUP…: installs what is missing; says what to do and fails if it cannot.
packages_need() {
    local missing server
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "This is not a Debian-like system (there is no apt-get). AMP needs what these Debian" >&2
        echo "packages hold; install their equivalents and start again: ${missing[*]}" >&2
        return 1
    fi
    packages_as_root true || { packages_say_how "${missing[@]}" && return 1; }
    echo "Installing Debian packages: ${missing[*]}"
    packages_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update ||
        echo "The list of packages could not be refreshed; trying with the one at hand." >&2
    if ! packages_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        --no-install-recommends -o Dpkg::Use-Pty=0 install "${missing[@]}" >/dev/null; then
        packages_say_how "${missing[@]}"
        return 1
    fi
    # Debian starts a web server on port 80 as soon as it is installed. Nobody asked for that one.
    for server in lighttpd apache2; do
        [[ " ${missing[*]} " == *" $server "* ]] || continue
        packages_as_root service "$server" stop >/dev/null 2>&1 || true
        packages_as_root systemctl disable "$server" >/dev/null 2>&1 || true
    done
    mapfile -t missing < <(packages_missing "$@")
    [ ${#missing[@]} -eq 0 ] || { packages_say_how "${missing[@]}" && return 1; }
}

# packages_node DIRECTORY: the Node packages that its package-lock.json names, unless they are there.
packages_node() {
    local lock=$1/package-lock.json mark=$1/node_modules/.installed
    ! cmp -s "$lock" "$mark" || return 0
    echo "Installing the Node packages of $lock"
    (cd "$1" && npm ci --loglevel=error >/dev/null) && cp "$lock" "$mark"
}
