# The C of the shim (shim.c), for a processor for which there is no Swift here.

shim() {
  start main fill=16
  place fill main
  control_of_stops
  row "shim: every thread stands still, and goes on"
  lab check "$P" "$S" >/dev/null # begins the longest gap anew
  must 0 hold "$P" 300
  says 'error 0, stopped 7, running 0'
  runs
  gap=$(sed -n 's/.*gap \([0-9]*\) ms.*/\1/p' c)
  [ "$gap" -ge 280 ] || fail "the longest gap is $gap ms"
  row "shim: the registers of every thread"
  must 0 registers "$P"
  says 'note 0x1 '
  runs
  row "shim: a snapshot is refused"
  must 0 snapshot "$P"
  says 'snapshot: Function not implemented'
  runs
  row "shim: memory as dd reads it"
  memdump read "$P" "${at%+*}" "${at#*+}" >d.read || fail "status $?"
  whole d.read
  runs
  row "shim: ${tries:-21} kills of tool, holder, both: hold"
  timeout 600 lab kills "$P" "$S" "${tries:-21}" -- memdump hold "$P" 10000 >c 2>&1 || fail "$(cat c)"
  mark=$(cat c)
  finish
}
