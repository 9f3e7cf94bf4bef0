#!/usr/bin/env bash
# Builds the leaking nginx module against Debian's nginx-dev, starts an nginx with it, and prints the worker's PID.
#
#   Tests/Fixtures/nginx-leak/run.sh [OPTION…]
#
#   --reclaim WAY    old_reset (the leak), reset, or destroy (the fix); old_reset unless said
#   --seed N         which endpoints there are, and in what order; 1 unless said
#   --ipv6 N         every Nth endpoint has an IPv6 address; 0, for none, unless said
#   --ticks N        end the refreshing after N ticks of 40 ms: the state is then that of the seed; 0, for no end, unless said
#   --limit SIZE     end the refreshing when the pools hold so much; 256m unless said
#   --port N         listen there on 127.0.0.1; 8087 unless said
#   --directory DIR  where the configuration, the logs and the list of true endpoints go; .build/nginx-leak/run unless said
#   --module         build the module only, and print where it is
#   --foreground     stay, until a signal comes
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${NGINX_LEAK_BUILD:-$root/.build/nginx-leak}

reclaim=old_reset seed=1 ipv6=0 ticks=0 limit=256m port=8087 directory=$build/run only_module=no foreground=no
while [ $# -gt 0 ]; do
  case $1 in
    --reclaim) reclaim=$2; shift ;;
    --seed) seed=$2; shift ;;
    --ipv6) ipv6=$2; shift ;;
    --ticks) ticks=$2; shift ;;
    --limit) limit=$2; shift ;;
    --port) port=$2; shift ;;
    --directory) directory=$2; shift ;;
    --module) only_module=yes ;;
    --foreground) foreground=yes ;;
    *) sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
  esac
  shift
done

sources=/usr/share/nginx/src
if [ ! -e $sources/conf_flags ] || ! nginx=$(PATH=$PATH:/usr/sbin command -v nginx); then
  echo "nginx-leak: needs Debian's nginx and its headers: apt-get install nginx-light nginx-dev" >&2
  exit 2
fi

# Built anew when the module, or the nginx that it has to fit, is another one; by one at a time.
mkdir -p "$build"
exec {lock}>"$build/lock"
flock $lock
module=$build/objs/ngx_http_svcring_module.so
stamp=$({ "$nginx" -v 2>&1; cat "$here"/config "$here"/*.[ch]; } | sha256sum)
if [ ! -e "$module" ] || [ "$(cat "$build/stamp" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$build/objs"
  # As the packages of Debian's own modules do it: the tree of the headers stays as it is.
  (
    cd $sources
    . ./conf_flags
    ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt='-O2 -fPIC' --builddir="$build/objs" --add-dynamic-module="$here"
    make -f "$build/objs/Makefile" modules
  ) >"$build/log" 2>&1 || { tail -20 "$build/log" >&2; exit 2; }
  echo "$stamp" >"$build/stamp"
fi
exec {lock}>&-
if [ $only_module = yes ]; then
  echo "$module"
  exit
fi

mkdir -p "$directory"
directory=$(cd "$directory" && pwd)
if [ -e "$directory/pid" ] && kill -0 "$(cat "$directory/pid")" 2>/dev/null; then
  echo "nginx-leak: one runs already: stop it with kill $(cat "$directory/pid")" >&2
  exit 2
fi
for place in client_body proxy fastcgi uwsgi scgi; do temporary+="${place}_temp_path $directory/$place; "; done
cat >"$directory/conf" <<EOF
load_module $module;
worker_processes 1; pid $directory/pid; error_log $directory/errors notice;
events { worker_connections 64; }
http {
  access_log off; $temporary
  svcring $reclaim; svcring_seed $seed; svcring_ipv6 $ipv6; svcring_ticks $ticks;
  svcring_limit $limit; svcring_list $directory/endpoints;
  server {
    listen 127.0.0.1:$port;
    location / { return 200 "ok"; }
    location /svcring { svcring_status; }
  }
}
EOF
if [ $foreground = yes ]; then exec "$nginx" -p "$directory" -c "$directory/conf" -g 'daemon off;'; fi
"$nginx" -p "$directory" -c "$directory/conf"
until worker=$(pgrep -P "$(cat "$directory/pid" 2>/dev/null || echo 0)" -x nginx); do sleep 0.05; done
cat <<EOF
worker $worker, reclaim $reclaim, ends at $limit in pools
  endpoints  $directory/endpoints
  counts     curl http://127.0.0.1:$port/svcring
  stop       kill $(cat "$directory/pid")
EOF
