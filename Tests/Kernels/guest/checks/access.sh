# Who may look at whom: `status`, a scan and a hold have to agree, and a refusal has to name the reason.

# agree WHAT READABLE [REASON]: of the target P, looked at under RUN
agree() {
  what="$1"
  if [ "$2" = yes ]; then set -- "0 1" 0 "" ; else set -- 2 2 "$3"; fi
  must "$([ -n "$3" ] && echo 1 || echo 0)" status "$P"
  [ -z "$3" ] || says "readable +no: .*($3)"
  must "$1" scan "$P" --top 1
  [ -z "$3" ] || says "$3"
  must "$2" hold "$P" --for 300ms
  [ -z "$3" ] || says "$3"
  [ -z "$3" ] || says_not 'Try sudo\.$'
}

yama() {
  [ -e /proc/sys/kernel/yama/ptrace_scope ] || { none "Yama" "this kernel has no Yama"; return; }
  AS="lab user 1000 --"
  start mine; mine=$P
  start any anytracer; any=$P
  start nodump nodump; nodump=$P
  AS="lab user 1001 --"
  start other; other=$P
  AS=
  for scope in 0 1 2 3; do
    row "Yama $scope, user: own, PR_SET_PTRACER_ANY, non-dumpable, another's"
    echo $scope >/proc/sys/kernel/yama/ptrace_scope
    same scope "$(cat /proc/sys/kernel/yama/ptrace_scope)" $scope
    RUN="lab user 1000 --"
    by=ptrace_scope
    P=$mine; if [ $scope = 0 ]; then agree own yes; else agree own no $by; fi
    P=$any; if [ $scope -le 1 ]; then agree any yes; else agree any no $by; fi
    P=$nodump; agree non-dumpable no "not dumpable|$by"
    P=$other; agree "another's" no "belongs to user|$by"
    RUN=
    row "Yama $scope, root: user's, non-dumpable"
    for P in $mine $nodump; do if [ $scope = 3 ]; then agree root no $by; else agree root yes; fi; done
    row "Yama $scope, user: own descendant"
    descendant $scope
  done
  for P in $mine $any $nodump $other; do kill -9 "$P"; done
}

# The tool is the target's parent, but its helper is not: with 1 it may read, and not stop.
descendant() {
  for sub in "status @" "scan @ --top 1" "hold @ --for 300ms"; do
    timeout 60 lab user 1000 -- lab parent -- lab target /tmp/child.state : memdump $sub >o 2>&1
    status=$?
    case "$1 $sub" in
      "0 hold"*) wanted=0 ;;
      "[01] "*|"0 "*|"1 s"*) wanted="0 1" ;;
      *status*) wanted=1 ;;
      *) wanted=2 ;;
    esac
    case " $wanted " in *" $status "*) ;; *) fail "$sub: status $status, not $wanted: $(brief)" ;; esac
    case "$1 $sub" in
      "1 status"*) says 'readable +yes'; says 'stoppable +no: .*ptrace_scope is 1' ;;
      "1 hold"*|[23]*) says "ptrace_scope is $1" ;;
    esac
  done
}

userns() {
  AS="lab userns --"; start inside; AS=
  row "user namespaces: target in one, root outside"
  agree inside yes
  row "user namespaces: target in one, root of a sibling"
  RUN="lab userns --"; agree sibling no "user namespace"; RUN=
  finish
  row "user namespaces: target outside, root of one"
  start outside
  RUN="lab userns --"; agree outside no "user namespace"; RUN=
  finish
  [ -e /proc/sys/kernel/unprivileged_userns_clone ] && echo 1 >/proc/sys/kernel/unprivileged_userns_clone
  row "user namespaces: a user's target in one, the user outside"
  AS="lab user 1000 -- lab userns --"; start user; AS=
  RUN="lab user 1000 --"; agree user yes; RUN=
  finish
  row "user namespaces: a user's target outside, the user in one"
  AS="lab user 1000 --"; start user2; AS=
  RUN="lab user 1000 -- lab userns --"; agree user no "user namespace"; RUN=
  finish
}

hidepid() {
  start roots
  roots=$P
  AS="lab user 1000 --"; start mine; mine=$P
  AS="lab user 1001 --"; start theirs; theirs=$P
  AS= RUN="lab user 1000 --"
  for hidepid in 1 2; do
    row "hidepid=$hidepid, another's: the reason is said"
    mount -o remount,hidepid=$hidepid /proc 2>o || fail "$(brief)"
    for P in $theirs $roots; do
      for sub in status regions scan "hold --for 300ms" rescue; do
        must 2 ${sub%% *} "$P" $(echo "$sub" | cut -s -d" " -f2-)
        says hidepid
      done
    done
    row "hidepid=$hidepid, own"
    P=$mine
    must 0 status "$P"
    must "0 1" scan "$P" --top 1
    must 0 hold "$P" --for 300ms
  done
  RUN=
  mount -o remount,hidepid=0 /proc
  for P in $roots $mine $theirs; do kill -9 "$P"; done
}

suid() {
  cp /bin/lab /tmp/suidlab; chown 1002 /tmp/suidlab; chmod 4755 /tmp/suidlab
  for dumpable in 0 2; do
    row "set-uid target, suid_dumpable=$dumpable: user, owner of the program, root"
    echo $dumpable >/proc/sys/fs/suid_dumpable
    AS="lab user 1000 -- env" start_suid $dumpable
    RUN="lab user 1000 --"; agree user no "set-user-ID|not dumpable|another user"
    says_not "belongs to user 1000"
    RUN="lab user 1002 --"; agree owner no "belongs to user 1000|set-user-ID|not dumpable"
    RUN=; agree root yes
    finish
  done
  row "a program without read permission: user, root"
  chmod 711 /bin/lab
  AS="lab user 1000 --"; start noread; AS=
  chmod 755 /bin/lab
  RUN="lab user 1000 --"; agree user no "not dumpable"; RUN=
  agree root yes
  finish
}
start_suid() {
  name=suid$1 S=/tmp/suid$1.state
  lab user 1000 -- /tmp/suidlab target "$S" >"/tmp/$name.out" 2>&1 &
  for i in $(seq 200); do grep -q ^pid "/tmp/$name.out" 2>/dev/null && break; usleep 50000; done
  P=$(sed -n 's/^pid //p' "/tmp/$name.out")
  [ -n "$P" ] || fail "no target: $(cat "/tmp/$name.out")"
}
