// A daemon that asks two mirrors for each request, and answers with what comes first.
//
// Leak: the one that comes second waits for ever to send its answer, as nobody receives it any more.
// Fix: --fixed gives the channel room for both.
//
// Truth: grows yes
// Truth: kind chunk-size 9472
// Truth: holder goroutines
// Truth: goroutine main.ask
// Truth: allocates main.ask
// Truth: allocates runtime.malg

package main

import (
	"fmt"
	"os"
	"time"
)

type answer struct {
	mirror string
	body   [8192]byte
}

var cache = make([]byte, 4<<20)
var page []byte

//go:noinline
func ask(mirror string, answers chan *answer) {
	answers <- &answer{mirror: mirror}
}

func serve(room int) {
	answers := make(chan *answer, room)
	go ask("mirror-a.example.org", answers)
	go ask("mirror-b.example.org", answers)
	first := <-answers
	// What a request takes for itself, which the collector takes back.
	page = make([]byte, 96<<10)
	copy(page, first.mirror)
}

func main() {
	room := 0
	if len(os.Args) > 1 {
		room = 2
	}
	for i := 0; i < 1000; i++ {
		serve(room)
	}
	fmt.Printf("process %d\nready\n", os.Getpid())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for i := 0; i < 20000; i++ {
		serve(room)
		time.Sleep(4 * time.Millisecond)
	}
}
