// A daemon that remembers the first line of each answer.
//
// Leak: the line is a slice of the answer, which stays as a whole, and none is ever forgotten.
// Fix: --fixed keeps a copy of the line, of the last 100 answers.
//
// Truth: grows yes
// Truth: kind chunk-size 16384
// Truth: content template HTTP/#.#
// Truth: holder go-headers:main.lines
// Truth: allocates main.fetch

package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"time"
)

var lines [][]byte
var cache = make([]byte, 4<<20)

//go:noinline
func fetch(number int) []byte {
	answer := make([]byte, 16<<10)
	copy(answer, fmt.Sprintf("HTTP/1.1 200 OK, request %d\r\n", number))
	return answer
}

func remember(answer []byte, isFixed bool) {
	line := answer[:bytes.IndexByte(answer, '\n')]
	if !isFixed {
		lines = append(lines, line)
		return
	}
	if len(lines) == 100 {
		lines = lines[:0]
	}
	lines = append(lines, append([]byte(nil), line...))
}

func main() {
	isFixed := len(os.Args) > 1
	for i := 0; i < 500; i++ {
		remember(fetch(i), isFixed)
	}
	fmt.Printf("process %d\nready\n", os.Getpid())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for i := 500; i < 20000; i++ {
		remember(fetch(i), isFixed)
		time.Sleep(5 * time.Millisecond)
		// Busy daemons collect several times a second; this one does, however slow the machine is.
		if i%50 == 0 {
			runtime.GC()
		}
	}
}
