# Makes RESULTS.md of what the guests printed, a file for each kernel.

BEGIN { FS = "\t" }
FNR == 1 {
  file = FILENAME
  sub(/.*\//, "", file); sub(/\.log$/, "", file)
  kernels[++count] = file
  titles[count] = file; ends[count] = "did not come to its end"
}
$1 == "run" { runs[count] = $2 ", " $3 ", `" $4 "`" }
/^== begin/ { ends[count] = "did not come to its end"; split($0, words, " "); titles[count] = words[3] }
/^== end/ { ends[count] = "" }
$1 == "unavailable" { ends[count] = "not available: " $2 }
$1 == "ok" || $1 == "bad" || $1 == "none" {
  key = $2 FS $3
  if (!(key in known)) { known[key] = ++rows; keys[rows] = key }
  cells[known[key], count] = $1
  sub(/ +$/, "", $4)
  seen[known[key], count] = $4
  sums[count, $1]++
}
$1 == "time" { seconds[count] += $4 }

function cell(row, kernel,   text) {
  text = cells[row, kernel]
  return text == "bad" ? "**bad**" : text == "" ? "-" : text
}
function escaped(text) { gsub(/\|/, "\\|", text); gsub(/</, "\\&lt;", text); return text }

END {
  print "# Kernels\n"
  print "Written by `Tests/Kernels/run.sh`; date, commit and command stand with each kernel.\n"
  print "- Emulated by qemu (TCG), 2 processors, 2 GiB: times here are no measure of anything"
  print "- ok: as it should be; **bad**: not so, see below; none: the kernel has not what the check is about, see below; -: not run\n"
  head = "| group | check |"; line = "| --- | --- |"
  for (k = 1; k <= count; k++) { head = head " " titles[k] " |"; line = line " --- |" }
  print head "\n" line
  for (r = 1; r <= rows; r++) {
    split(keys[r], words, FS)
    text = "| " words[1] " | " escaped(words[2]) " |"
    for (k = 1; k <= count; k++) text = text " " cell(r, k) " |"
    print text
  }
  print "\n## Kernel by kernel\n"
  for (k = 1; k <= count; k++) {
    print "- " titles[k] " (" runs[k] "): " (sums[k, "ok"] + 0) " ok, " (sums[k, "bad"] + 0) " bad, " (sums[k, "none"] + 0) " none, in " \
      (seconds[k] + 0) " s" (ends[k] == "" ? "" : "; " ends[k])
  }
  print "\n## What was seen\n"
  for (k = 1; k <= count; k++)
    for (r = 1; r <= rows; r++) {
      if (seen[r, k] ~ /^ *$/) continue
      split(keys[r], words, FS)
      print "- " titles[k] ", " words[2] ": " cells[r, k] ": `" seen[r, k] "`"
    }
}
