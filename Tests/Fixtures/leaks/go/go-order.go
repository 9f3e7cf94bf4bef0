// A daemon whose objects of one size come by three paths: most are a reply that is soon garbage, some are kept for seconds by a
// cache that is full, and few by a list.
//
// Leak: the list is never emptied.
// Fix: --fixed remembers nothing in it.
//
// Truth: grows yes
// Truth: kind chunk-size 640
// Truth: content template order-
// Truth: holder go-order:main.kept
// Truth: allocates main.remember

package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

type order struct {
	number int
	text   [600]byte
}

var (
	kept  []*order
	cache [2000]*order
	last  *order
	// So that some time is between two collections.
	ballast = make([]byte, 16<<20)
)

//go:noinline
func reply(number int) { last = &order{number: number} }

//go:noinline
func refresh(number int) { cache[number%len(cache)] = &order{number: number} }

//go:noinline
func remember(number int) {
	made := &order{number: number}
	copy(made.text[:], fmt.Sprintf("order-%d of table %d", number, number%40))
	kept = append(kept, made)
}

func main() {
	isFixed := len(os.Args) > 1
	// Nothing is collected at first, as in a daemon that has just started.
	debug.SetGCPercent(-1)
	for number := range cache {
		refresh(number)
	}
	fmt.Printf("process %d\nready\n", os.Getpid())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for number := 0; ; number++ {
		if number == 500 {
			debug.SetGCPercent(20)
		}
		for times := 0; times < 20; times++ {
			reply(number)
		}
		refresh(number)
		if number%5 == 0 && !isFixed {
			remember(number)
		}
		time.Sleep(time.Millisecond)
	}
}
