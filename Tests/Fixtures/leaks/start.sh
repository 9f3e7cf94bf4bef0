#!/usr/bin/env bash
# Builds and starts one of the leaks, or of the controls that do not leak, and ends it with its own standard input.
#
#   Tests/Fixtures/leaks/start.sh NAME [--fixed]
#   Tests/Fixtures/leaks/start.sh --list      their names, each with `leak` or `control`
#
# --fixed starts the twin that does not leak; a control has none. What each one is, and what a tool should find, stands at the top
# of its source. Prints what there is to be found (lines `truth`), the numbers of the processes to look at (lines `process`), and
# `ready`. Where something that it needs is not installed, it says so and exits with 77.
#
# The words of LEAKS_UNDER stand before a program that is no nginx: valgrind, for one. LEAKS_BUILD is where it is built, .build/leaks unless said.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${LEAKS_BUILD:-$root/.build/leaks}
under=${LEAKS_UNDER:-}

sources() {
  grep -l '^[#/-]* Truth: ' "$here"/programs/*.c "$here"/nginx/*.c "$here"/nginx/*.conf "$here"/lua/*.lua "$here"/go/*.go \
    "$here"/python/*.py "$here"/php/*.php "$here"/postgres/*.sql
}
name_of() { basename "$1" | sed 's/^ngx_http_\(.*\)_module\.c$/nginx-\1/; s/\.\(conf\|c\|lua\|go\|py\|php\|sql\)$//'; }
kind_of() { if grep -q '^[#/-]* Truth: grows yes' "$1"; then echo leak; else echo control; fi; }
field() { sed -n "s|^[#/-]* $1: ||p" "$source"; }
needs() { command -v "$1" >/dev/null || { echo "leaks: $name needs $1: apt-get install $2" >&2; exit 77; }; }

usage() { sed -n '4,5s/^# *//p' "$0" >&2; exit 64; }
PATH=$PATH:/usr/sbin
[ $# -ge 1 ] || usage
if [ "$1" = --list ]; then
  for source in $(sources); do echo "$(name_of "$source") $(kind_of "$source")"; done
  exit
fi
name=$1 twin=leak source=
[ $# -le 2 ] && { [ $# = 1 ] || [ "$2" = --fixed ]; } || usage
[ $# = 1 ] || twin=fixed
for file in $(sources); do [ "$(name_of "$file")" != "$name" ] || source=$file; done
[ -n "$source" ] || { echo "leaks: there is no $name; see $0 --list" >&2; exit 64; }
[ $twin = leak ] || [ "$(kind_of "$source")" = leak ] || { echo "leaks: $name is a control, and has no twin" >&2; exit 64; }

# What it is made of is built anew when that, or what it has to fit, is another; by one at a time.
build_with() {
  local stamp what=$1 parts=$2 maker=$3
  mkdir -p "$build"
  exec {lock}>"$build/lock"
  flock $lock
  stamp=$({ nginx -v 2>&1 || true; cat "$0" $parts; } | sha256sum)
  if [ "$(cat "$build/$what.stamp" 2>/dev/null)" != "$stamp" ]; then
    (set -e; $maker) >"$build/$what.log" 2>&1 || { tail -20 "$build/$what.log" >&2; exit 2; }
    echo "$stamp" >"$build/$what.stamp"
  fi
  exec {lock}>&-
}

make_go() { GOCACHE="$build/go-cache" GO111MODULE=off GOFLAGS= GOTOOLCHAIN=local go build -o "$build/$name" "$source"; }

make_program() {
  local library=()
  case $name in
    sessions)
      cc -g -O2 -Wall -Wextra -Werror -fPIC -shared -o "$build/libtickets.so" "$here/programs/tickets.c"
      library=("-L$build" -ltickets '-Wl,-rpath,$ORIGIN') ;;
    tls-sessions) library=(-lssl -lcrypto) ;;
  esac
  cc -g -O2 -Wall -Wextra -Werror -o "$build/$name" "$source" "${library[@]}"
}

# As the packages of Debian's own modules do it: the tree of the headers stays as it is.
make_modules() {
  cd /usr/share/nginx/src
  . ./conf_flags
  ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt='-O2 -g -fPIC' --builddir="$build/nginx" --add-dynamic-module="$here/nginx"
  make -f "$build/nginx/Makefile" modules
}

tell_truth() {
  if [ $twin = fixed ]; then echo "truth grows no"; else field Truth | sed 's/^/truth /'; fi
}

case $source in
  *.go)
    needs go golang-go
    build_with "$name" "$source" make_go
    tell_truth
    exec "$build/$name" $([ $twin = leak ] || echo --fixed) ;;
  *.py)
    needs python3 python3
    tell_truth
    exec $under python3 "$source" $([ $twin = leak ] || echo --fixed) ;;
  *.php)
    needs php php-cli
    tell_truth
    exec $under php "$source" $([ $twin = leak ] || echo --fixed) ;;
  *.lua)
    needs luajit luajit
    tell_truth
    exec $under luajit "$source" $([ $twin = leak ] || echo --fixed) ;;
  */programs/*)
    needs cc gcc
    [ "$name" != tls-sessions ] || [ -e /usr/include/openssl/ssl.h ] || needs openssl/ssl.h libssl-dev
    build_with "$name" "$here/programs/*.[ch]" make_program
    tell_truth
    exec $under "$build/$name" $([ $twin = leak ] || echo --fixed) ;;
esac

# What is left has a server.
directory=$(mktemp -d)
chmod 755 "$directory"
set -m
jobs=()
clean_up() {
  exec 2>/dev/null
  trap - EXIT INT TERM
  for job in "${jobs[@]}"; do kill -- "-$job" 2>/dev/null || true; done
  wait
  rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 0' INT TERM

# A PostgreSQL, run by a user without rights, and a client that goes through the source again and again.
serve_postgres() {
  local bin='' as=() number=0 backend data=$directory/data
  for bin in /usr/lib/postgresql/*/bin "$root"/.build/test-wheels/*/pginstall*/bin; do [ ! -x "$bin/postgres" ] || break; done
  [ -x "$bin/postgres" ] || { echo "leaks: $name needs postgres: apt-get install postgresql" >&2; exit 77; }
  if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    chown 65534 "$directory"
  fi
  "${as[@]}" "$bin/initdb" -D "$data" -A trust -U postgres -N -E UTF8 --locale=C >"$directory/log" 2>&1 || { cat "$directory/log" >&2; exit 2; }
  "${as[@]}" setpriv --pdeathsig INT "$bin/postgres" -D "$data" -k "$directory" -c listen_addresses= -F >>"$directory/log" 2>&1 &
  jobs+=("$!")
  until "${as[@]}" "$bin/psql" -h "$directory" -U postgres -c '' >/dev/null 2>&1; do
    kill -0 "$!" 2>/dev/null || { cat "$directory/log" >&2; exit 2; }
    sleep 0.1
  done
  coproc client { exec "${as[@]}" "$bin/psql" -h "$directory" -U postgres -X -q -A -t -v is_fixed=$([ $twin = leak ] && echo 0 || echo 1) 2>&1; }
  echo 'select pg_backend_pid();' >&"${client[1]}"
  read -r backend <&"${client[0]}"
  tell_truth
  printf 'process %s\nready\n' "$backend"
  # Ends with the standard input, of which nothing else is expected.
  until read -r -t 0.02 || [ $? -le 128 ]; do
    for _ in 1 2 3; do
      number=$((number + 1))
      [ $number -gt 30000 ] || { echo "\\set number $number"; grep -v '^--' "$source"; } >&"${client[1]}"
    done
  done
}
case $source in *.sql) serve_postgres; exit ;; esac

# And else it is an nginx: with a module, or of a configuration and its traffic.
needs nginx nginx-light
case $source in
  *.c)
    [ -e /usr/share/nginx/src/conf_flags ] || needs nginx-dev nginx-dev
    build_with nginx "$here/nginx/config $here/nginx/*.[ch]" make_modules
    load="load_module $build/nginx/ngx_http_${name#nginx-}_module.so;"
    http="${name#nginx-} $twin; server { listen 127.0.0.1:PORT; location / { return 200 ok; } }" ;;
  *) needs wrk wrk; load='' http=$(grep -v '^#' "$source") ;;
esac
head -c 100000 /dev/zero >"$directory/slow.bin"
echo ok >"$directory/ok"
for place in client_body proxy fastcgi uwsgi scgi; do temporary+="${place}_temp_path $directory/$place; "; done

master=
answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET /ok HTTP/1.0\r\n\r\n' >&3 && grep -q '^HTTP/' <&3) 2>/dev/null
}
for attempt in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  http_here=${http//PORT/$port}
  cat >"$directory/conf" <<END
$load
daemon off; worker_processes 1; pid $directory/pid; error_log $directory/errors notice;
events { worker_connections 2048; }
http { access_log off; keepalive_requests 100000000; $temporary
${http_here//DIRECTORY/$directory}
}
END
  # The master goes with this script, whatever becomes of it.
  setpriv --pdeathsig TERM nginx -p "$directory" -c "$directory/conf" &
  master=$!
  until answers || ! kill -0 $master 2>/dev/null; do sleep 0.05; done
  kill -0 $master 2>/dev/null && answers && break
  master=
done
[ -n "$master" ] || exit 2
jobs+=("$master")

# What traffic ends with, should this script be killed.
serves() { kill -0 $master 2>/dev/null; }
connections() { awk -v port="$(printf ':%04X' $port)" '$2 ~ port"$" && $4 == "01"' /proc/net/tcp | wc -l; }
while IFS=: read -r word rest; do
  case $word in
    Traffic)
      (eval "${rest//URL/http://127.0.0.1:$port}") >/dev/null 2>&1 &
      jobs+=("$!") ;;
    Reload)
      until [ "$(connections)" -ge 300 ]; do sleep 0.05; done
      kill -HUP $master
      until [ "$(pgrep -c -P $master -x nginx)" = 2 ]; do sleep 0.05; done ;;
  esac
done < <(sed -n 's/^# \(Traffic\|Reload\):/\1:/p' "$source")

tell_truth
pgrep -P $master -x nginx | sed 's/^/process /'
echo ready
# Until the standard input ends.
cat >/dev/null || true
