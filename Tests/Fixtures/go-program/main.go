// A program of Go whose goroutines and objects are known, and which says of itself what there is.
//
// It writes `ready`, and then answers each line of its standard input with one of its own:
//
//	goroutines FILE  writes the runtime's own trace of all goroutines there
//	sites FILE       writes the heap profile there, as pprof reads it
//	memory           collects, and tells the runtime's own counts of objects, in all and by size
//	more             starts 500 goroutines more that wait to send
//	hold             starts 100 goroutines that wait, each with 3,000 bytes that nothing else leads to
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

type session struct {
	id      int
	name    string
	payload *[1000]byte
}

var sessions = map[int]*session{}
var blobs [][]byte
var never = make(chan int)

//go:noinline
func receive(from chan int) { <-from }

// Small enough that the compiler puts it where it is called.
func inlinedReceive(from chan int) { receive(from) }

func choose(first, second chan int) {
	select {
	case <-first:
	case <-second:
	}
}

func lock(mutex *sync.Mutex) { mutex.Lock() }

type service struct{ requests chan int }

func (s *service) handle() { s.wait() }

func (s *service) wait() {
	for range s.requests {
	}
}

func deep(level int) int {
	if level == 0 {
		return <-never
	}
	return deep(level-1) + 1
}

//go:noinline
func keep(count int) {
	for i := 0; i < count; i++ {
		sessions[i] = &session{id: i, name: fmt.Sprintf("session-user-%d", i), payload: new([1000]byte)}
	}
	for i := 0; i < count/10; i++ {
		blobs = append(blobs, make([]byte, 40000))
	}
}

//go:noinline
func send(to chan int) { to <- 1 }

//go:noinline
func hold(payload *[3000]byte, from chan int) { payload[0] = byte(<-from) }

func memory() {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	// Nothing is allocated on the way.
	print("objects ", stats.HeapObjects, " bytes ", stats.HeapAlloc, " spans ", stats.HeapInuse, " stacks ", stats.StackInuse,
		" idle ", stats.HeapIdle, " released ", stats.HeapReleased)
	for i := range stats.BySize {
		if size := &stats.BySize[i]; size.Mallocs != size.Frees {
			print(" ", size.Size, ":", size.Mallocs-size.Frees)
		}
	}
	print("\n")
}

func main() {
	keep(2000)
	for i := 0; i < 300; i++ {
		go inlinedReceive(make(chan int))
	}
	for i := 0; i < 100; i++ {
		go choose(make(chan int), make(chan int))
	}
	mutex := &sync.Mutex{}
	mutex.Lock()
	for i := 0; i < 30; i++ {
		go lock(mutex)
	}
	for i := 0; i < 20; i++ {
		go time.Sleep(time.Hour)
	}
	handler := &service{make(chan int)}
	for i := 0; i < 40; i++ {
		go handler.handle()
	}
	go deep(60)
	bound := handler.wait
	go bound()
	time.Sleep(100 * time.Millisecond)
	memory()
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		word, file, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "memory":
			memory()
		case "more":
			for i := 0; i < 500; i++ {
				go send(never)
			}
			time.Sleep(100 * time.Millisecond)
			fmt.Println("more")
		case "hold":
			for i := 0; i < 100; i++ {
				go hold(new([3000]byte), never)
			}
			time.Sleep(100 * time.Millisecond)
			fmt.Println("hold")
		default:
			profile(word, file)
			fmt.Println(word)
		}
	}
	runtime.KeepAlive(mutex)
}
