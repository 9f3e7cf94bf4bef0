// A daemon that watches each connection for silence, with a ticker and a goroutine of its own.
//
// Leak: the watcher of a connection that is closed is never told, and ticks on for ever.
// Fix: --fixed tells it.
//
// Truth: grows yes
// Truth: kind chunk-size 4864
// Truth: holder goroutines
// Truth: goroutine main.(*connection).watch
// Truth: allocates main.serve

package main

import (
	"fmt"
	"os"
	"time"
)

type connection struct {
	number  int
	buffer  [4096]byte
	closed  chan bool
	silence time.Duration
}

var cache = make([]byte, 4<<20)
var page []byte

func (c *connection) watch() {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.silence += time.Minute
		case <-c.closed:
			return
		}
	}
}

func serve(number int, isFixed bool) {
	c := &connection{number: number, closed: make(chan bool)}
	go c.watch()
	// What a connection takes for itself, which the collector takes back.
	page = make([]byte, 96<<10)
	if isFixed {
		close(c.closed)
	}
}

func main() {
	isFixed := len(os.Args) > 1
	for i := 0; i < 1000; i++ {
		serve(i, isFixed)
	}
	fmt.Printf("process %d\nready\n", os.Getpid())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for i := 1000; i < 20000; i++ {
		serve(i, isFixed)
		time.Sleep(4 * time.Millisecond)
	}
}
