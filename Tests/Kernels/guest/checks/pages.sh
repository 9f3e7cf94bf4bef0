# Pages and addresses out of the ordinary.

huge() {
  # Set aside at boot (boot.sh): later, memory is in pieces.
  [ "$(cat /proc/sys/vm/nr_hugepages)" -ge 32 ] || { none hugetlb "no huge pages to be had"; return; }
  start hg huge=16
  place huge hg
  row "hugetlb: regions shows it resident"
  must 0 regions "$P" --all
  # Size, resident and dirty are the same.
  says '16 MiB +16 MiB +16 MiB .*anon_hugepage'
  for mode in live stop; do
    row "hugetlb: dump --mode $mode"
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    whole d.$mode
    runs
  done
  row "hugetlb: snapshot refused"
  must 2 dump "$P" --region "$at" --mode snapshot --force -o d.snapshot
  says "huge pages of hugetlbfs"
  runs
  row "hugetlb: scan, core, --region largest"
  must 0 scan "$P" --pattern ipv4-port --json --top 0
  same texts "$(grep -c '"text":"10\.9\.' o)" 16
  must 0 dump "$P" --all --mode stop --max-pause 20s --force -o d.core
  must 0 scan d.core --pattern ipv4-port --json --top 0
  same "texts of the core" "$(grep -c '"text":"10\.9\.' o)" 16
  must 0 dump "$P" --region largest --force -o d.largest
  whole d.largest
  finish
  row "malloc in huge pages: heap"
  AS="env GLIBC_TUNABLES=glibc.malloc.hugetlb=2"; start hm blocks=3000 grow=1000000; AS=
  # Not where the C library is too old for it (2.35).
  grep -q '^HugetlbPages:.* [1-9]' /proc/"$P"/status || fail "malloc took no huge page"
  must 0 heap "$P" --max-pause 20s
  says '^ *1,040 '
  row "malloc in huge pages: watch"
  must 0 watch "$P" --every 2s --max-pause 20s
  says lab_ring
  runs
  finish
  echo 0 >/proc/sys/vm/nr_hugepages
}

high() {
  start hi high
  place high hi
  case ${at%+*} in
    0xff000000000000) ;;
    *) finish; none "addresses of 57 bits" "this kernel or processor has none (mapped at $at)"; return ;;
  esac
  for mode in live stop snapshot; do
    row "addresses of 57 bits: regions, dump, core --mode $mode"
    must 0 regions "$P" --all
    says 0xff000000000000
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    whole d.$mode
    must 0 dump "$P" --all --mode $mode $(pause $mode) --force -o d.core
    must 0 scan d.core --each --find 10.9.0.3:7777
    says '^0xff000000300040 '
    runs
  done
  row "addresses of 57 bits: heap, refs"
  must 0 heap "$P" --max-pause 20s
  must 0 refs "$P" --size 1040 --max-pause 20s
  finish
}

# Last but for Yama: it holds until the next boot.
lockdown() {
  file=/sys/kernel/security/lockdown
  echo confidentiality >$file 2>/dev/null
  grep -q '\[confidentiality\]' $file 2>/dev/null || { none lockdown "this kernel has no lockdown"; return; }
  start locked fill=8 blocks=3000
  place fill locked
  for mode in live stop snapshot; do
    row "lockdown=confidentiality: dump, heap --mode $mode"
    must 0 dump "$P" --region "$at" --mode $mode $(pause $mode) --force -o d.$mode
    whole d.$mode
    must 0 heap "$P" --mode $mode $(pause $mode)
    says '^ *1,040 *3,000 '
    runs
  done
  row "lockdown=confidentiality: hold, refs"
  must 0 hold "$P" --for 300ms
  must 0 refs "$P" --size 1040 --max-pause 20s
  says lab_ring
  finish
}
